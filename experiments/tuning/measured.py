"""What the searches of the experiment find in the table: regrets, and scores of winners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context

import numpy as np

from dlrun import variables
from dlrun.search.pruners.base import SynchronousPruner
from dlrun.search.pruners.halving import Halving
from dlrun.search.pruners.hyperband import Hyperband
from dlrun.search.samplers.base import Sampler
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.search.samplers.sobol import Sobol
from experiments.tuning.searches import (
    Numbers,
    affordable,
    choice,
    gridded,
    running_best,
    searched,
    trained_epochs,
)
from experiments.tuning.table import Table

SAMPLERS: dict[str, Sampler] = {"random": Random(), "sobol": Sobol(), "bayes": Bayes()}
PRUNERS: dict[str, SynchronousPruner] = {"halving": Halving(), "hyperband": Hyperband()}
GRIDS = {8: (2, 2, 2, 1, 1), 16: (2, 2, 2, 2, 1), 32: (2, 2, 2, 2, 2), 64: (4, 2, 2, 2, 2)}
"""By number of trials, how many values of each key, in the order of the sweep, a grid has that
varies all keys alike as far as it can."""
MANY_RATES = (8, 2, 2, 1, 1)
"""The same for a grid of 32 trials that varies mainly the learning rate."""
MAIN, LONGEST = 32, 64
"""Trials of a search in the claims, and in the picture."""
BUDGETS = (8, 16, 32)
"""Numbers of full trainings whose epochs pruned searches have; the claims are about the second."""
TRIALS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
VALIDATION = (50, 100, 200, 400, 800)
"""Sizes of validation sets that choose a winner."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything in points of accuracy, one row or value per seed of the search.

    Attributes:
        regrets: after each trial, by sampler, (seeds, trials).
        grids: regret at the end, by number of trials, (seeds,).
        many_rates: regret of the grid with many learning rates, (seeds,).
        pruned: regret by pruner and number of full trainings, (seeds,).
        seen: validation accuracy of the winner by size of the validation set, (seeds, TRIALS).
        fresh: its test accuracy.
    """

    regrets: Mapping[str, Numbers]
    grids: Mapping[int, Numbers]
    many_rates: Numbers
    pruned: Mapping[tuple[str, int], Numbers]
    seen: Mapping[int, Numbers]
    fresh: Mapping[int, Numbers]

    def optimism(self, size: int) -> Numbers:
        """Validation minus test accuracy of the winner, (seeds, TRIALS)."""
        return self.seen[size] - self.fresh[size]

    def margin(self, size: int, trials: int) -> float:
        """The 95 % quantile of the optimism."""
        return float(np.quantile(self.optimism(size)[:, TRIALS.index(trials)], 0.95))


def measure(table: Table, seeds: int, choices: int) -> Measured:
    """Search the table.

    Args:
        table: of trainings.
        seeds: of searches; the trainings of each seed are searched in turn.
        choices: random divisions of the held-out samples into validation and test set.
    """
    chosen = {size: _chosen(table, size, choices) for size in VALIDATION}
    return Measured(
        {name: _sampled(table, sampler, seeds) for name, sampler in SAMPLERS.items()},
        {trials: _gridded(table, points, seeds) for trials, points in GRIDS.items()},
        _gridded(table, MANY_RATES, seeds),
        {
            (name, budget): _pruned(table, pruner, budget, seeds)
            for name, pruner in PRUNERS.items()
            for budget in BUDGETS
        },
        {size: each[:, 0] for size, each in chosen.items()},
        {size: each[:, 1] for size, each in chosen.items()},
    )


def _sampled(table: Table, sampler: Sampler, seeds: int) -> Numbers:
    with ProcessPoolExecutor(variables.threads(), get_context("spawn")) as pool:
        return np.array(list(pool.map(partial(_search, table, sampler), range(seeds))))


def _search(table: Table, sampler: Sampler, seed: int) -> Numbers:
    """The regrets of one seed, in a process of its own."""
    return _regret(table, seed, searched(sampler, table, seed % table.seeds, seed, LONGEST))


def _gridded(table: Table, points: Sequence[int], seeds: int) -> Numbers:
    return np.array(
        [_regret(table, seed, gridded(table, points, seed))[-1] for seed in range(seeds)]
    )


def _pruned(table: Table, pruner: SynchronousPruner, budget: int, seeds: int) -> Numbers:
    """The regret of a random search with pruning and the epochs of so many full trainings."""
    trials = affordable(pruner, table.epochs, budget * table.epochs)
    found = []
    for seed in range(seeds):
        rows = np.array(searched(Random(), table, seed % table.seeds, seed, trials))
        epochs = trained_epochs(pruner, table.curves[seed % table.seeds, rows])
        found.append(_regret(table, seed, rows[epochs == table.epochs].tolist())[-1])
    return np.array(found)


def _regret(table: Table, seed: int, rows: Sequence[int]) -> Numbers:
    """After each of the trials."""
    accuracy = table.accuracy[seed % table.seeds]
    return 100.0 * (accuracy.max() - running_best(accuracy[list(rows)]))


def _chosen(table: Table, size: int, choices: int) -> Numbers:
    found = [choice(table.right[seed % table.seeds], size, TRIALS, seed) for seed in range(choices)]
    return 100.0 * np.array(found)
