from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.verdicts import Measured, ScoredTrial, Verdict, judge

BETTER = Claim(better={"a": 1}, than={"a": 2})


def verdicts_of(
    claims: Mapping[str, Claim], trials: list[ScoredTrial], sign: float = 1.0, step: float = 0.0
) -> list[Verdict]:
    return judge(claims, [{"loss": Measured(trials, sign, step)}], (len(trials[0].scores),))


def scored(a: int, b: str, scores: list[float]) -> ScoredTrial:
    return ScoredTrial({"a": a, "b": b}, scores)


def test_pairs_share_all_other_values_and_seeds_are_the_units() -> None:
    trials = [
        scored(1, "x", [1.0, 2.0, 3.0]),
        scored(2, "x", [1.5, 2.5, 3.6]),
        scored(1, "y", [5.0, 6.0, 7.0]),
        scored(2, "y", [5.1, 6.3, 7.2]),
        scored(1, "alone", [0.0, 0.0, 0.0]),
    ]
    (verdict,) = verdicts_of({"c": BETTER}, trials, sign=1.0)
    differences = [(0.5 + 0.1) / 2, (0.5 + 0.3) / 2, (0.6 + 0.2) / 2]
    assert (verdict.pairs, verdict.holds) == (2, True)
    assert verdict.effect is not None and verdict.effect.n == 3
    assert verdict.effect.mean == pytest.approx(np.mean(differences))
    assert not verdicts_of({"c": BETTER}, trials, sign=-1.0)[0].holds  # where more is better


def test_noise_shows_nothing() -> None:
    trials = [scored(1, "x", [1.0, 2.0, 3.0]), scored(2, "x", [2.0, 1.5, 3.1])]
    (verdict,) = verdicts_of({"c": BETTER}, trials, sign=1.0)
    assert verdict.effect is not None and verdict.effect.mean > 0
    assert not verdict.holds


def test_without_pairs_nothing_is_shown() -> None:
    trials = [scored(1, "x", [1.0, 2.0]), scored(2, "y", [3.0, 4.0])]
    (verdict,) = verdicts_of({"c": BETTER}, trials, 1.0)
    assert (verdict.effect, verdict.holds, verdict.pairs) == (None, False, 0)


def false(ours: list[float], theirs: list[float], step: float = 0.0) -> bool:
    trials = [scored(1, "x", ours), scored(2, "x", theirs)]
    return verdicts_of({"c": BETTER}, trials, 1.0, step)[0].holds


def test_the_right_number_of_false_claims_holds() -> None:
    random = np.random.default_rng(0)
    holds = 0
    for _ in range(400):
        ours, theirs = random.normal(size=(2, 5)).tolist()
        holds += false(ours, theirs)
    assert 2 <= holds <= 22  # 2.5 % of 400 is 10, give or take four deviations


@pytest.mark.parametrize("seeds", [2, 3, 5, 10])
@pytest.mark.parametrize("samples", [10, 20, 100])
@pytest.mark.parametrize("right", [0.5, 0.9, 0.98])
def test_accuracies_on_few_samples_make_no_more_false_claims(
    seeds: int, samples: int, right: float
) -> None:
    """Equal differences by chance, as of one sample of 20 with both seeds, show nothing."""
    random = np.random.default_rng(seeds)
    wrong = 1 - random.binomial(samples, right, (2, 1500, seeds)) / samples
    holds = sum(false(a, b, 1 / samples) for a, b in zip(*wrong.tolist(), strict=True))
    assert holds <= 0.025 * 1500 + 3 * (0.025 * 0.975 * 1500) ** 0.5


def test_the_same_difference_with_both_seeds_is_no_proof() -> None:
    assert not false([0.1, 0.2], [0.2, 0.3], 0.05)
    assert not false([0.1, 0.2, 0.3], [0.2, 0.3, 0.4])  # a score without steps
    assert false([0.1, 0.2, 0.3], [0.6, 0.7, 0.8], 0.05)


def test_claims_share_the_error() -> None:
    """Holm: the surest of three is held to a third of the error, the next to a half."""
    random = np.random.default_rng(1)
    claims = {str(a): Claim(better={"a": a}, than={"a": 0}) for a in (1, 2, 3)}
    scores = random.normal(size=(4, 6)) * 0.1 + np.array([0.0, -0.12, -0.5, -0.02])[:, None]
    trials = [scored(a, "x", row.tolist()) for a, row in enumerate(scores)]
    verdicts = {each.name: each for each in verdicts_of(claims, trials, 1.0)}
    p = {
        name: stats.ttest_rel(scores[0], scores[int(name)], alternative="greater").pvalue
        for name in claims
    }
    adjusted, highest = {}, 0.0
    for place, name in enumerate(sorted(p, key=lambda each: p[each])):
        highest = max(highest, (3 - place) * p[name])
        adjusted[name] = highest
    assert {name: each.holds for name, each in verdicts.items()} == {
        name: value <= 0.025 for name, value in adjusted.items()
    }
    assert {each.holds for each in verdicts.values()} == {True, False}
    surest = min(p, key=lambda each: p[each])
    assert verdicts[surest].confidence == pytest.approx(1 - 0.05 / 3)
    assert all(each.claims == 3 for each in verdicts.values())
    for each in verdicts.values():
        assert each.effect is not None and each.effect.low is not None
        assert (each.effect.low > 0) == each.holds


def test_false_claims_are_rare_however_many_there_are() -> None:
    random = np.random.default_rng(2)
    claims = {str(a): Claim(better={"a": a}, than={"a": 0}) for a in range(1, 6)}
    studies = 300
    some = 0
    for _ in range(studies):
        trials = [scored(a, "x", random.normal(size=4).tolist()) for a in range(6)]
        some += any(each.holds for each in verdicts_of(claims, trials, 1.0))
    assert some <= 0.025 * studies + 3 * (0.025 * 0.975 * studies) ** 0.5


def test_a_claim_is_about_its_objective() -> None:
    """The same trials are better in one score, and worse in another, and all share the error."""
    loss = [scored(1, "x", [1.0, 2.0, 3.0]), scored(2, "x", [1.5, 2.6, 3.4])]
    accuracy = [scored(1, "x", [0.5, 0.6, 0.7]), scored(2, "x", [0.7, 0.81, 0.9])]
    measured = {"loss": Measured(loss), "accuracy": Measured(accuracy, -1.0)}
    claims = {
        "first": Claim(better={"a": 1}, than={"a": 2}),
        "loss": Claim(better={"a": 1}, than={"a": 2}, objective="loss"),
        "accuracy": Claim(better={"a": 1}, than={"a": 2}, objective="accuracy"),
        "other": Claim(better={"a": 2}, than={"a": 1}, objective="accuracy"),
    }
    found = {each.name: each for each in judge(claims, [measured], (3,))}
    assert [each.objective for each in found.values()] == ["loss", "loss", *["accuracy"] * 2]
    effects = [each.effect for each in found.values()]
    assert [each.mean for each in effects if each] == pytest.approx(
        [0.5, 0.5, -0.2033, 0.2033], abs=1e-3
    )
    assert {name: each.holds for name, each in found.items()} == {
        "first": True,
        "loss": True,
        "accuracy": False,
        "other": True,
    }
    assert all(each.claims == 4 for each in found.values())
