"""How close pruned searches come to the best value with equally many epochs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks.measure import Settings
from benchmarks.report import Report
from benchmarks.search.curve_tables import TABLES, CurveTable
from benchmarks.search.simulated_study import progress
from dlrun.search.pruners.base import Pruner, SynchronousPruner
from dlrun.search.pruners.halving import Halving
from dlrun.search.pruners.hyperband import Hyperband
from experiments.tuning.searches import affordable

SEEDS = 20
FIRST_SEED = 5000
"""None of those that settings of the pruners were chosen on."""
BUDGETS = (4, 8, 16)
"""Epochs of the studies, in whole trainings."""
MANY = 300
"""Trials of a study that is stopped by its epochs alone."""
TRIALS = 30
"""Trials of a study that comes to its end."""
OURS = "random + freeze_thaw"

Keys = Mapping[str, Any]
Search = Callable[[CurveTable, int, Sequence[int]], Sequence[float]]
"""From a table, a seed and epochs to the regret after so many epochs."""


def compare(settings: Settings) -> Report:
    """Regret of the best completed trial, by table, search and epochs."""
    seeds = range(FIRST_SEED, FIRST_SEED + (1 if settings.quick else SEEDS))
    budgets = BUDGETS[:1] if settings.quick else BUDGETS
    columns = ("epochs", "search", "mean regret", "95 % interval", "ours less theirs")
    report = Report("search/curves", ("table", *columns))
    for name, load in TABLES.items():
        table = load()
        epochs = [budget * table.epochs for budget in budgets]
        found = {
            search: np.array([run(table, seed, epochs) for seed in seeds])
            for search, run in SEARCHES.items()
        }
        for place, budget in enumerate(epochs):
            for search, regrets in found.items():
                mean, low, high = _interval(regrets[:, place])
                _, less, more = _interval(found[OURS][:, place] - regrets[:, place])
                report.rows.append(
                    (
                        *(name, str(budget), search, f"{mean:.4g}", f"{low:.4g} - {high:.4g}"),
                        "" if search == OURS else f"{less:+.4g} to {more:+.4g}",
                    )
                )
                report.data.append(
                    {
                        "table": name,
                        "epochs": budget,
                        "search": search,
                        "regrets": regrets[:, place].tolist(),
                        "mean": mean,
                        "interval": [low, high],
                        "ours_less_theirs": [less, more],
                    }
                )
    report.notes.append(
        f"{len(seeds)} seeds; intervals are those of means, by bootstrap, and of differences seed "
        "by seed; before a trial is completed, the regret is that of the median setting"
    )
    return report


def prune(settings: Settings) -> Report:
    """Epochs and regret of whole studies of the same trials, by table and pruner."""
    seeds = range(FIRST_SEED, FIRST_SEED + (1 if settings.quick else SEEDS))
    columns = ("pruner", "epochs", "mean regret", "95 % interval", "ours less theirs")
    report = Report("search/pruners", ("table", *columns))
    for name, load in TABLES.items():
        table = load()
        found = {
            pruner: np.array([_whole(table, seed, keys) for seed in seeds])
            for pruner, keys in PRUNERS.items()
        }
        for pruner, results in found.items():
            mean, low, high = _interval(results[:, 1])
            _, less, more = _interval(found["freeze_thaw"][:, 1] - results[:, 1])
            report.rows.append(
                (
                    *(name, pruner, f"{results[:, 0].mean():.0f}", f"{mean:.4g}"),
                    f"{low:.4g} - {high:.4g}",
                    "" if pruner == "freeze_thaw" else f"{less:+.4g} to {more:+.4g}",
                )
            )
            report.data.append(
                {
                    "table": name,
                    "pruner": pruner,
                    "epochs": results[:, 0].tolist(),
                    "regrets": results[:, 1].tolist(),
                    "mean": mean,
                    "interval": [low, high],
                    "ours_less_theirs": [less, more],
                }
            )
    report.notes.append(
        f"{len(seeds)} seeds, {TRIALS} random trials, the same for all pruners of a seed; "
        "intervals are those of means, by bootstrap, and of differences seed by seed"
    )
    return report


def _whole(table: CurveTable, seed: int, pruner: Any) -> tuple[int, float]:
    """Epochs and regret of a study that comes to its end."""
    search = {"random": {"trials": TRIALS}}
    keys = {"search": search, "prune": pruner, "seed": seed}
    return progress(table, seed % len(table.curves), keys)[-1]


def _stopped(table: CurveTable, seed: int, epochs: Sequence[int], keys: Keys) -> list[float]:
    """A study with more trials than it can train, stopped after so many epochs."""
    steps = progress(table, seed % len(table.curves), {**keys, "seed": seed}, epochs[-1])
    return [_regret(table, steps, limit) for limit in epochs]


def _planned(
    table: CurveTable, seed: int, epochs: Sequence[int], pruner: SynchronousPruner
) -> list[float]:
    """For each number of epochs, a study of random search with as many trials as it can train."""
    found = []
    for limit in epochs:
        trials = affordable(pruner, table.epochs, limit)
        keys = {"search": {"random": {"trials": trials}}, "prune": _written(pruner)}
        found += _stopped(table, seed, [limit], keys)
    return found


def _written(pruner: Pruner) -> Keys:
    return {pruner.kind: {key: getattr(pruner, key) for key in type(pruner).model_fields}}


def _regret(table: CurveTable, steps: Sequence[tuple[int, float]], epochs: int) -> float:
    best = [regret for trained, regret in steps if trained <= epochs][-1]
    return best if math.isfinite(best) else float(np.median(table.regrets))


def _interval(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[float, float, float]:
    random = np.random.default_rng(0)
    means = values[random.integers(len(values), size=(4000, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


_RANDOM = {"random": {"trials": MANY}}
_BAYES = {"bayes": {"trials": MANY}}
SEARCHES: Mapping[str, Search] = {
    OURS: partial(_stopped, keys={"search": _RANDOM, "prune": "freeze_thaw"}),
    "bayes + freeze_thaw": partial(_stopped, keys={"search": _BAYES, "prune": "freeze_thaw"}),
    "random + halving": partial(_planned, pruner=Halving()),
    "random + halving from epoch 1": partial(_planned, pruner=Halving(min_epochs=1)),
    "random + hyperband": partial(_planned, pruner=Hyperband()),
    "random + asha": partial(_stopped, keys={"search": _RANDOM, "prune": "asha"}),
    "bayes + hyperband": partial(_stopped, keys={"search": _BAYES, "prune": "hyperband"}),
}
PRUNERS: Mapping[str, Any] = {
    "freeze_thaw": "freeze_thaw",
    "none": None,
    "halving": "halving",
    "halving from epoch 1": {"halving": {"min_epochs": 1}},
    "hyperband": "hyperband",
    "asha": "asha",
}
