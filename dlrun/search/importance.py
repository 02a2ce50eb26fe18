"""Importance of each key of a search for the objective."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.rng import Stream, generator, key
from dlrun.search.features import Features
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed

_TREES = 60
_SHUFFLES = 20
"""Permutations of each key, from which the interval is computed."""
FEWEST = 10
"""Minimum number of trials with a value for an estimate."""


@dataclass(frozen=True, slots=True)
class Importance:
    """A key's fraction of the importance of all keys together, from 0 to 1.

    Attributes:
        share: the estimate.
        low: lower end of its 95 % interval.
        high: upper end of its 95 % interval.
    """

    share: float
    low: float
    high: float


def importance(space: Space, history: Sequence[Completed], seed: int = 0) -> dict[str, Importance]:
    """The importance of every key that was varied, largest first; empty with too few trials.

    A random forest is fitted to the ranks of the objective, so that one diverged trial does not
    dominate. A key's importance is the increase of the forest's out-of-bag error when the key's
    values are shuffled among the trials (permutation importance: Breiman, "Random forests", 2001).
    The interval is over shuffles; it does not include the random choice of the trials.

    Args:
        space: the space that was searched.
        history: its trials; failed ones are skipped.
        seed: of forest and shuffles.
    """
    known = [
        each
        for each in history
        if each.value is not None and np.isfinite(each.value) and space.contains(each.suggestion)
    ]
    if len(known) < FEWEST:
        return {}
    features = Features(space)
    _, x = features.of([each.suggestion for each in known])
    values = np.array([each.value for each in known])
    if not x.shape[1] or np.all(values == values[0]):
        return {}
    from scipy.stats import rankdata
    from sklearn.ensemble import RandomForestRegressor

    y = rankdata(values) / len(values)
    forest = RandomForestRegressor(
        _TREES, min_samples_leaf=2, random_state=key(seed, Stream.SAMPLER, 0, 1) % 2**32
    ).fit(x, y)
    keys = sorted(set(features.keys.tolist()))
    grown = np.array([_growth(forest, x, y, features.keys == each, seed, each) for each in keys])
    mean = np.maximum(grown.mean(axis=1), 0.0)
    if mean.sum() == 0.0:
        return {}
    # Each shuffle of all keys is divided by its own total, so no fraction is above 1.
    parts = np.maximum(grown, 0.0)
    parts = parts / np.maximum(parts.sum(axis=0), np.finfo(float).tiny)
    share = mean / mean.sum()
    low, high = np.quantile(parts, [0.025, 0.975], axis=1)
    ends = np.minimum(low, share), np.maximum(high, share)
    found = {
        space.keys[each]: Importance(*(float(number) for number in numbers))
        for each, *numbers in zip(keys, share, *ends, strict=True)
    }
    return dict(sorted(found.items(), key=lambda item: -item[1].share))


def _growth(forest: Any, x: Array, y: Array, columns: Array, seed: int, number: int) -> Array:
    """The increase of the squared error by shuffling a key, (shuffles,)."""
    grown = np.empty(_SHUFFLES)
    before = _error(forest, x, y)
    for each in range(_SHUFFLES):
        order = generator(seed, Stream.SAMPLER, number, each, 2).permutation(len(x))
        shuffled = x.copy()
        shuffled[:, columns] = x[order][:, columns]
        grown[each] = _error(forest, shuffled, y) - before
    return grown


def _error(forest: Any, x: Array, y: Array) -> float:
    """Out-of-bag mean squared error: of each row by the trees that were not fitted to it."""
    total, trees = np.zeros(len(x)), np.zeros(len(x))
    for tree, rows in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        unseen = np.ones(len(x), bool)
        unseen[rows] = False
        total[unseen] += tree.predict(x[unseen])
        trees[unseen] += 1
    counted = trees > 0
    return float(np.mean((total[counted] / trees[counted] - y[counted]) ** 2))
