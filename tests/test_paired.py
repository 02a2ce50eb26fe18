from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from dlrun.intervals import UNKNOWN, Scale, estimate
from dlrun.paired import Differences, holm, holm_at_looks
from dlrun.sequential import levels


def of(*values: float, confidence: float = 0.95, step: float = 0.0) -> Differences:
    return Differences(values, confidence, Scale(step=step) if step else UNKNOWN)


def test_one_test_has_its_own_confidence() -> None:
    (found,) = holm({"a": of(1.0, 1.1, 0.9)}).values()
    assert found.holds
    assert found.confidence == pytest.approx(0.95)
    assert found.effect == estimate((1.0, 1.1, 0.9), found.confidence)
    assert not holm({"a": of(1.0, -1.1, 0.9)})["a"].holds
    assert not holm({"a": of(-1.0, -1.1, -0.9)})["a"].holds


def test_the_certain_ones_come_first_and_the_first_failure_ends_it() -> None:
    found = holm({"none": of(1.0, -1.0, 0.1), "sure": of(1.0, 1.1, 0.9), "weak": of(1.0, 2, 0.4)})
    assert list(found) == ["none", "sure", "weak"]
    assert found["sure"].holds
    assert found["sure"].confidence == pytest.approx(1 - 0.05 / 3)
    assert found["weak"].confidence == found["none"].confidence == pytest.approx(1 - 0.05 / 2)
    assert not found["weak"].holds  # alone it would not fail by so much


def test_without_variation_nothing_holds() -> None:
    for each in (of(1.0), of(1.0, 1.0), of(0.25, 0.25, step=1.0)):
        assert not holm({"a": each})["a"].holds
    assert holm({}) == {}


LOOKS = (3, 6, 9)


def at_looks(random: np.random.Generator, mean: float, looks: int) -> list[Differences | None]:
    values = (mean + random.normal(size=9)).tolist()
    return [of(*values[:look]) for look in LOOKS[:looks]]


def test_an_early_look_is_stricter_and_its_result_stays() -> None:
    clear, late = [5.0, 5.1, 4.9], [0.0, -9.0, 9.0, -9.0, 9.0, -9.0]
    values = [*clear, *late]
    found = holm_at_looks({"a": [of(*values[:look]) for look in LOOKS]}, LOOKS)["a"]
    assert (found.holds, found.look, found.effect.n) == (True, 0, 3)
    assert found.confidence == pytest.approx(0.95)
    level = levels(LOOKS, 0.05)[0]
    assert found.effect == estimate(clear, 1 - level)
    weak = [1.0, 1.9, 1.1]  # a single test would show it
    assert holm({"a": of(*weak)})["a"].holds
    assert not holm_at_looks({"a": [of(*weak)]}, LOOKS)["a"].holds


def test_a_test_is_given_up_only_before_the_last_look() -> None:
    worse = [-1.0, -1.2, -0.9, -1.1, -0.8, -1.0, -1.0, -1.3, -0.7]
    for looks, futile in ((1, True), (2, True), (3, False)):
        at = [of(*worse[:look]) for look in LOOKS[:looks]]
        found = holm_at_looks({"a": at}, LOOKS)["a"]
        assert (found.holds, found.futile) == (False, futile)
    promising = [of(1.0, -0.2, 1.5)]
    assert not holm_at_looks({"a": promising}, LOOKS)["a"].futile


def test_differences_that_are_gone_are_given_up() -> None:
    found = holm_at_looks({"a": [of(1.0, -0.2, 1.5), None]}, LOOKS)["a"]
    assert (found.holds, found.futile, found.look, found.effect.n) == (False, True, 0, 3)


def test_one_that_holds_leaves_its_error_to_the_others_also_at_earlier_looks() -> None:
    """Closed tests by hand: any pair shares the error, a single one has all of it."""
    sure = [5.0, 5.1, 4.9, 5.0, 5.2, 4.8, 5.1, 5.0, 4.9]
    level = {tests: levels(LOOKS, 0.05 / tests)[0] for tests in (1, 2)}
    spread = np.array([-1.0, 0.0, 1.0])
    t = float(np.mean([stats.t.isf(level[1] / 2, 2), stats.t.isf(level[2] / 2, 2)]))
    between = (spread + t / 3**0.5).tolist()
    alone = holm_at_looks({"a": [of(*between)]}, LOOKS)["a"]
    assert alone.holds
    noise = [9.0, -9.0, -9.0]
    with_noise = holm_at_looks({"a": [of(*between)], "b": [of(*noise)]}, LOOKS)
    assert not with_noise["a"].holds
    both = holm_at_looks({"a": [of(*between)], "b": [of(*sure[:3])]}, LOOKS)
    assert both["a"].holds and both["b"].holds
    # b holds only at the second look, and then so does a, with its values of the first one.
    later = [of(1.0, 9.0, 5.0), of(1.0, 9.0, 5.0, 5.0, 5.1, 4.9)]
    wasted = [*between, -9.0, 9.0, -9.0]
    found = holm_at_looks({"a": [of(*between), of(*wasted)], "b": later}, LOOKS)
    assert found["b"].look == 1 and found["b"].confidence == pytest.approx(0.975)
    assert (found["a"].holds, found["a"].look) == (True, 0)


def test_untrue_ones_hold_as_rarely_as_one_whatever_the_number_and_the_looks() -> None:
    random, studies, some = np.random.default_rng(3), 600, 0
    for _ in range(studies):
        tests = {str(n): at_looks(random, 0.0, 3) for n in range(3)}
        some += any(each.holds for each in holm_at_looks(tests, LOOKS).values())
    assert some <= 0.025 * studies + 3 * (0.025 * 0.975 * studies) ** 0.5


def test_repeated_intervals_contain_the_true_mean_at_all_looks() -> None:
    random, studies, missed = np.random.default_rng(4), 1500, 0
    for _ in range(studies):
        values = (1.0 + random.normal(size=9)).tolist()
        for looks in (1, 2, 3):
            # Far below 0, so that no look decides, and each has its interval.
            at = [of(*(each - 99 for each in values[:look])) for look in LOOKS[:looks]]
            effect = holm_at_looks({"a": at}, LOOKS)["a"].effect
            assert effect.low is not None and effect.high is not None
            if not effect.low <= -98 <= effect.high:
                missed += 1
                break
    assert missed <= 0.05 * studies + 3 * (0.05 * 0.95 * studies) ** 0.5
    assert missed > 0.02 * studies
