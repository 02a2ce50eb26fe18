"""Which trials are worse than the best one, and how lucky that one was."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from dlrun.arrays import Array
from dlrun.selection import optimism, separated, worse


def fields(random: np.random.Generator, kind: str, trials: int, seeds: int) -> Array:
    """Scores of equal trials, by trial and seed; lower is better."""
    if kind == "accuracy":
        return 1 - random.binomial(20, 0.85, (trials, seeds)) / 20
    normal = random.normal(size=(trials, seeds)) + random.normal(size=seeds)
    return np.exp(normal / 2) if kind == "skewed" else normal


def leader(scores: Array) -> int:
    return int(scores.mean(axis=1).argmin())


def test_two_trials_are_compared_by_the_paired_test_of_student() -> None:
    one, other = [0.1, 0.3, 0.2, 0.25], [0.2, 0.5, 0.25, 0.42]
    p = stats.ttest_rel(other, one, alternative="greater").pvalue
    assert worse({0: one, 1: other}, 0, p * 1.001) == {1}
    assert worse({0: one, 1: other}, 0, p * 0.999) == set()


def test_several_share_their_error_and_their_deviation() -> None:
    """Against the residual of a table of trials by seeds, with two degrees of freedom and more."""
    field = {0: [0.0, 0.2], 1: [1.0, 1.3], 2: [0.05, 0.2]}
    table = np.array(list(field.values()))
    residual = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    spread = np.sqrt(2 * (residual**2).sum() / 2)
    p = stats.t.sf(1.05 / (spread / 2**0.5), 2)
    assert worse(field, 0, 2 * p * 1.001) == {1}
    assert worse(field, 0, 2 * p * 0.999) == set()


def test_ties_are_separated_by_the_test_of_tukey() -> None:
    field = {0: [0.0, 0.2, 0.1], 1: [1.0, 1.3, 0.9], 2: [0.05, 0.2, 0.3]}
    table = np.array(list(field.values()))
    residual = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    error = np.sqrt((residual**2).sum() / 4 / 3)  # of a mean, with (3 - 1)(3 - 1) degrees
    far = table[1].mean() - table[0].mean()
    p = stats.studentized_range.sf(far / error, 3, 4)
    assert separated(field, 0, p * 1.01) == {1}
    assert separated(field, 0, p * 0.99) == set()


def test_a_pair_is_separated_by_a_two_sided_test() -> None:
    one, other = [0.1, 0.3, 0.2, 0.25], [0.2, 0.5, 0.25, 0.42]
    p = stats.ttest_rel(other, one).pvalue
    assert separated({0: one, 1: other}, 0, p * 1.001) == {1}
    assert separated({0: one, 1: other}, 0, p * 0.999) == set()
    assert separated({0: one}, 0, 0.05) == worse({0: one}, 0, 0.05) == set()


@pytest.mark.parametrize("kind", ["normal", "accuracy", "skewed"])
@pytest.mark.parametrize(("trials", "seeds"), [(2, 3), (8, 2), (8, 5), (30, 3)])
def test_equal_trials_are_ties(trials: int, seeds: int, kind: str) -> None:
    """Any of them is marked as worse in at most 5 % of studies, with 3 standard errors."""
    random = np.random.default_rng(trials)
    studies, told = 300, 0
    for _ in range(studies):
        scores = fields(random, kind, trials, seeds)
        field = dict(enumerate(scores.tolist()))
        step = 1 / 20 if kind == "accuracy" else 0.0
        told += bool(separated(field, leader(scores), 0.05, step))
    assert told <= 0.05 * studies + 3 * (0.05 * 0.95 * studies) ** 0.5


def test_worse_trials_are_not_ties() -> None:
    random = np.random.default_rng(0)
    told = 0
    for _ in range(200):
        scores = fields(random, "normal", 8, 5) + np.array([0, *[4.0] * 7])[:, None]
        told += len(separated(dict(enumerate(scores.tolist())), 0, 0.05))
    assert told > 0.9 * 200 * 7


def test_the_optimism_is_what_is_lost_with_a_seed_that_had_no_say() -> None:
    field = {0: [1.0, 4.0], 1: [3.0, 1.0]}
    # Relative to the means 2 and 2.5: 0 is best with the first seed, -1, and has 1.5 with the
    # second; 1 is best with the second, -1.5, and has 1 with the first.
    assert optimism(field) == pytest.approx((2.5 + 2.5) / 2 / math.sqrt(2))
    shared = {0: [1.0, 104.0], 1: [3.0, 101.0]}  # the luck of a seed favours neither
    assert optimism(shared) == pytest.approx(optimism(field))
    assert optimism({0: [1.0, 2.0]}) is optimism({0: [1.0], 1: [2.0]}) is optimism({}) is None
    # The same one is best with any seed left out.
    assert optimism({0: [0.1, 0.2, 0.5], 1: [5.3, 6.1, 5.7], 2: [0.7, 0.9, 1.1]}) == 0.0


@pytest.mark.parametrize("seeds", [2, 3, 5])
@pytest.mark.parametrize("spread", [0.0, 1.0, 10.0])
def test_the_optimism_is_that_of_the_winner(seeds: int, spread: float) -> None:
    """On average over studies, by a third of a standard error of a mean at most."""
    random = np.random.default_rng(seeds)
    said, true = [], []
    for _ in range(600):
        means = spread * random.normal(size=8)
        scores = means[:, None] + fields(random, "normal", 8, seeds)
        found = optimism(dict(enumerate(scores.tolist())))
        assert found is not None
        said.append(found)
        best = leader(scores)
        true.append(means[best] - scores[best].mean())
    assert abs(np.mean(said) - np.mean(true)) <= 1 / 3 / math.sqrt(seeds)
    if not spread:
        assert np.mean(said) > 0.9 / math.sqrt(seeds)  # the smallest of 8 is 1.42 below the mean
