from __future__ import annotations

import pytest
from spaces import SMALL, space_of

from dlrun.search.importance import FEWEST, importance
from dlrun.search.samplers.random import Random
from dlrun.search.samplers.sobol import Sobol
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed

SPACE = """
space:
  lr: {log_uniform: [1e-4, 1]}
  kind: [a, b, c]
  idle: {uniform: [0, 1]}
  own: {uniform: [0, 1], when: {kind: c}}
  still: {fixed: 1}
"""


def history(space: Space, trials: int) -> list[Completed]:
    found = []
    for number, each in enumerate(Random().suggest(space, [], [], trials, 2)):
        value = 10 * each["lr"] + (0.5 if each["kind"] == "b" else 0.0)
        found.append(Completed(number, each, None if number % 9 == 0 else value))
    return found


def test_what_matters_comes_first_and_what_does_not_is_nothing() -> None:
    space = space_of(SPACE)
    found = importance(space, history(space, 60))
    assert list(found)[:2] == ["lr", "kind"]
    assert found["lr"].share > 0.5
    assert found["idle"].share < 0.1
    assert "still" not in found
    assert sum(each.share for each in found.values()) == pytest.approx(1.0)


def test_an_interval_holds_its_share() -> None:
    space = space_of(SPACE)
    for each in importance(space, history(space, 60)).values():
        assert 0.0 <= each.low <= each.share <= each.high <= 1.0


def test_an_interval_stays_within_what_a_share_can_be() -> None:
    """Also with few trials, where shuffles differ most."""
    space = space_of("space: {lr: {log_uniform: [1e-4, 1]}, idle: {uniform: [0, 1]}}")
    draws = Random().suggest(space, [], [], FEWEST, 1)
    trials = [Completed(number, each, each["lr"]) for number, each in enumerate(draws)]
    for each in importance(space, trials).values():
        assert 0.0 <= each.low <= each.share <= each.high <= 1.0


@pytest.mark.slow
def test_the_same_trials_give_the_same_shares() -> None:
    space = space_of(SPACE)
    trials = history(space, 30)
    assert importance(space, trials, seed=3) == importance(space, trials, seed=3)
    assert importance(space, trials, seed=3) != importance(space, trials, seed=4)


@pytest.mark.slow
def test_one_diverged_trial_does_not_decide() -> None:
    space = space_of(SPACE)
    trials = history(space, 60)
    wild = Completed(60, Sobol().suggest(space, [], [], 1, 0)[0], 1e30)
    before, after = importance(space, trials), importance(space, [*trials, wild])
    assert list(after)[:2] == list(before)[:2]
    assert abs(after["lr"].share - before["lr"].share) < 0.2


def test_too_little_says_nothing() -> None:
    space = space_of(SPACE)
    assert importance(space, history(space, FEWEST)[:-1]) == {}
    equal = [Completed(each.number, each.suggestion, 1.0) for each in history(space, 30)]
    assert importance(space, equal) == {}
    single = space_of("space: {a: {fixed: 1}}")
    assert importance(single, [Completed(n, {"a": 1}, float(n)) for n in range(20)]) == {}
    assert importance(space_of(SMALL), history(space, 30)) == {}
