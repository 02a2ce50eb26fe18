from __future__ import annotations

import numpy as np
import pytest

from dlrun.tune.claim import Claim, Scored, judge

BETTER = Claim(better={"a": 1}, than={"a": 2})


def scored(a: int, b: str, scores: list[float]) -> Scored:
    return Scored({"a": a, "b": b}, scores)


def test_pairs_share_all_other_values_and_seeds_are_the_units() -> None:
    trials = [
        scored(1, "x", [1.0, 2.0, 3.0]),
        scored(2, "x", [1.5, 2.5, 3.6]),
        scored(1, "y", [5.0, 6.0, 7.0]),
        scored(2, "y", [5.1, 6.3, 7.2]),
        scored(1, "alone", [0.0, 0.0, 0.0]),
    ]
    verdict = judge("c", BETTER, trials, sign=1.0)
    differences = [(0.5 + 0.1) / 2, (0.5 + 0.3) / 2, (0.6 + 0.2) / 2]
    assert (verdict.pairs, verdict.holds) == (2, True)
    assert verdict.effect is not None and verdict.effect.n == 3
    assert verdict.effect.mean == pytest.approx(np.mean(differences))
    assert not judge("c", BETTER, trials, sign=-1.0).holds  # where more is better


def test_noise_shows_nothing() -> None:
    trials = [scored(1, "x", [1.0, 2.0, 3.0]), scored(2, "x", [2.0, 1.5, 3.1])]
    verdict = judge("c", BETTER, trials, sign=1.0)
    assert verdict.effect is not None and verdict.effect.mean > 0
    assert not verdict.holds


def test_without_pairs_nothing_is_shown() -> None:
    verdict = judge("c", BETTER, [scored(1, "x", [1.0, 2.0]), scored(2, "y", [3.0, 4.0])], 1.0)
    assert (verdict.effect, verdict.holds, verdict.pairs) == (None, False, 0)


def test_the_right_number_of_false_claims_holds() -> None:
    random = np.random.default_rng(0)
    holds = 0
    for _ in range(400):
        ours, theirs = random.normal(size=(2, 5)).tolist()
        holds += judge("c", BETTER, [scored(1, "x", ours), scored(2, "x", theirs)], 1.0).holds
    assert 2 <= holds <= 22  # 2.5 % of 400 is 10, give or take four deviations
