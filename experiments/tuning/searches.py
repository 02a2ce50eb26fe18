"""Searches in a table of trainings: samplers, grids, pruners, and the choice of a winner."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dlrun.search.dimensions.choice import Choice
from dlrun.search.pruners.base import SynchronousPruner
from dlrun.search.samplers.base import Sampler
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed
from experiments.tuning.table import Table

Numbers = NDArray[np.float64]


def searched(sampler: Sampler, table: Table, training: int, seed: int, trials: int) -> list[int]:
    """The rows of the table that a sampler tries, one after the other.

    The sampler is called as by ``dlrun suggest`` and ``dlrun report-result``.

    Args:
        sampler: of a sweep.
        table: of trainings.
        training: index of the seed of the trainings.
        seed: of the sampler.
        trials: their number.
    """
    history: list[Completed] = []
    rows = []
    for number in range(trials):
        (suggestion,) = sampler.suggest(table.space, history, [], 1, seed)
        row = table.row(suggestion)
        history.append(Completed(number, suggestion, -float(table.accuracy[training, row])))
        rows.append(row)
    return rows


def gridded(table: Table, points: Sequence[int], seed: int) -> list[int]:
    """The rows of a grid with evenly spaced values of each key, which begin at a random place.

    Args:
        table: of trainings.
        points: number of values of each key.
        seed: of the random places.
    """
    starts = np.random.default_rng(seed).random(len(points))
    choices = {}
    for key, count, start in zip(table.space.keys, points, starts, strict=True):
        dimension = table.space.dimensions[key]
        values = tuple(dimension.at((place + start) / count) for place in range(count))
        choices[key] = Choice(values=values)
    return [table.row(suggestion) for suggestion in Space(choices).grid(0)]


def trained_epochs(pruner: SynchronousPruner, curves: Numbers) -> NDArray[np.int64]:
    """The epochs that each trial of a batch is trained, as in a study with this pruner.

    Args:
        pruner: of a sweep.
        curves: higher is better, (trials, epochs).
    """
    trials, end = curves.shape
    found = np.full(trials, end)
    brackets = np.array([pruner.bracket(trial, end) for trial in range(trials)])
    for bracket in np.unique(brackets):
        alive = np.flatnonzero(brackets == bracket).tolist()
        for rung in pruner.rungs(end, bracket):
            values = {trial: -float(curves[trial, rung - 1]) for trial in alive}
            survivors = pruner.survivors(values, [])
            found[[trial for trial in alive if trial not in survivors]] = rung
            alive = survivors
    return found


def affordable(pruner: SynchronousPruner, end: int, budget: int) -> int:
    """The largest number of trials whose epochs, with pruning, are within a budget."""
    trials = 1
    while trained_epochs(pruner, np.zeros((trials + 1, end))).sum() <= budget:
        trials += 1
    return trials


def running_best(values: Numbers) -> Numbers:
    """The best value so far, after each trial."""
    return np.maximum.accumulate(values)


def choice(
    right: NDArray[np.bool_], validation: int, trials: Sequence[int], seed: int
) -> tuple[Numbers, Numbers]:
    """Validation and test accuracy of the winner of a random search, by number of trials.

    Held-out samples are divided at random into validation and test samples. Settings are drawn
    without repetition. Ties go to the earlier trial, as in dlrun.

    Args:
        right: whether each held-out sample is classified correctly, (settings, samples).
        validation: number of validation samples; the others are for the test.
        trials: numbers of trials, increasing.
        seed: of the division and the search.
    """
    random = np.random.default_rng(seed)
    samples = random.permutation(right.shape[1])
    tried = random.permutation(len(right))[: trials[-1]]
    seen = right[np.ix_(tried, samples[:validation])].mean(axis=1)
    fresh = right[np.ix_(tried, samples[validation:])].mean(axis=1)
    winners = [int(np.argmax(seen[:count])) for count in trials]
    return seen[winners], fresh[winners]
