"""How close searches of equal length come to the best value."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.measure import Settings
from benchmarks.report import Report, duration
from benchmarks.search.functions import Objective, objectives
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.dimensions.uniform import Uniform
from dlrun.search.samplers.base import Sampler
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.search.suggestion import Completed, Suggestion

TRIALS = 40
SEEDS = 20
FIRST_SEED = 2000
"""None of those that settings of the samplers were chosen on."""
FEW = 15
EARLIER = 20
_OTHER = 10_000
"""What makes the seed of an earlier study another one."""
OURS = "dlrun bayes"

Tell = Callable[[float | None], None]
Search = Iterator[tuple[Suggestion, Tell]]
"""Suggestions, each with a function that takes what came of it before the next is asked for."""


def compare(settings: Settings) -> Report:
    """Regret after 40 trials, one at a time, of the trial that each search itself saw as best.

    With noise, that is the one of the least noisy value, and its regret is that of the value
    without noise.  Searches run on the same seeds, and on noise drawn by seed and trial.
    """
    seeds = range(FIRST_SEED, FIRST_SEED + (2 if settings.quick else SEEDS))
    columns = (
        "search",
        "mean regret",
        "95 % interval",
        "median",
        "ours less theirs",
        "of 40 trials",
    )
    report = Report("search/regret", ("objective", *columns))
    for objective in objectives():
        found: dict[str, list[float]] = {}
        for name, search in SEARCHES.items():
            start = time.perf_counter()
            try:
                found[name] = [_regret(objective, search, seed) for seed in seeds]
            except ImportError as missing:
                report.notes.append(f"{name} is left out: {missing}")
                continue
            seconds = (time.perf_counter() - start) / len(seeds)
            mean, low, high = _interval(found[name])
            difference = [a - b for a, b in zip(found[OURS], found[name], strict=True)]
            _, less, more = _interval(difference)
            report.rows.append(
                (
                    *(objective.name, name, f"{mean:.4f}", f"{low:.4f} - {high:.4f}"),
                    f"{statistics.median(found[name]):.4f}",
                    "" if name == OURS else f"{less:+.4f} to {more:+.4f}",
                    duration(seconds),
                )
            )
            report.data.append(
                {
                    "objective": objective.name,
                    "search": name,
                    "regrets": found[name],
                    "mean": mean,
                    "interval": [low, high],
                    "ours_less_theirs": [less, more],
                    "seconds": seconds,
                }
            )
    report.notes.append(
        f"{len(seeds)} seeds; intervals are those of means, by bootstrap, and of differences seed "
        "by seed; the time is that of a whole search, without its trials"
    )
    return report


def warm(settings: Settings) -> Report:
    """Regret after few trials, with and without the trials of an earlier random search."""
    seeds = range(FIRST_SEED, FIRST_SEED + (2 if settings.quick else SEEDS))
    columns = ("earlier trials", "mean regret", "95 % interval", "with less without")
    report = Report("search/warm-start", ("objective", *columns))
    for objective in objectives():
        found: dict[int, list[float]] = {}
        for earlier in (0, EARLIER):
            search = _sampler(Bayes(), earlier)
            found[earlier] = [_regret(objective, search, seed, FEW) for seed in seeds]
            mean, low, high = _interval(found[earlier])
            difference = [a - b for a, b in zip(found[earlier], found[0], strict=True)]
            _, less, more = _interval(difference)
            report.rows.append(
                (
                    *(objective.name, str(earlier), f"{mean:.4f}", f"{low:.4f} - {high:.4f}"),
                    f"{less:+.4f} to {more:+.4f}" if earlier else "",
                )
            )
            report.data.append(
                {
                    "objective": objective.name,
                    "earlier": earlier,
                    "regrets": found[earlier],
                    "mean": mean,
                    "interval": [low, high],
                    "with_less_without": [less, more],
                }
            )
    report.notes.append(
        f"{len(seeds)} seeds, {FEW} trials; the best of the earlier trials do not count"
    )
    return report


def _regret(
    objective: Objective,
    search: Callable[[Objective, int], Search],
    seed: int,
    trials: int = TRIALS,
) -> float:
    noise = np.random.default_rng(seed).normal(0.0, objective.noise, trials)
    seen, asked = [], search(objective, seed)
    for number in range(trials):
        suggestion, tell = next(asked)
        regret = objective.regret(suggestion)
        if regret is None:
            tell(None)
        else:
            tell(regret + noise[number])
            seen.append((regret + noise[number], regret))
    return min(seen)[1]


def _interval(regrets: list[float]) -> tuple[float, float, float]:
    random, values = np.random.default_rng(0), np.array(regrets)
    means = values[random.integers(len(values), size=(4000, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(values.mean()), float(low), float(high)


def _sampler(sampler: Sampler, earlier: int = 0) -> Callable[[Objective, int], Search]:
    def search(objective: Objective, seed: int) -> Search:
        history = _trials_before(objective, earlier, seed)
        while True:
            (suggestion,) = sampler.suggest(objective.space, history, [], 1, seed)

            def tell(value: float | None, suggestion: Suggestion = suggestion) -> None:
                history.append(Completed(len(history) - earlier, suggestion, value))

            yield suggestion, tell

    return search


def _trials_before(objective: Objective, count: int, seed: int) -> list[Completed]:
    """Trials of an earlier study, with another seed."""
    seed += _OTHER
    noise = np.random.default_rng(seed).normal(0.0, objective.noise, count)
    found = []
    for number, each in enumerate(Random().suggest(objective.space, [], [], count, seed)):
        regret = objective.regret(each)
        value = None if regret is None else regret + noise[number]
        found.append(Completed(-1 - number, each, value))
    return found


def _skopt(objective: Objective, seed: int) -> Search:
    """scikit-optimize's Optimizer with its defaults.

    It knows no conditions, so keys that do not count are drawn and left out, and no failures, so
    one counts as the worst value yet, or 10 before there is any.
    """
    import warnings

    from skopt import Optimizer
    from skopt.space import Categorical, Real
    from skopt.space import Integer as Whole

    space = objective.space
    dimensions: list[Any] = []
    for each in space.dimensions.values():
        match each:
            case Uniform():
                dimensions.append(Real(*each.ends))
            case LogUniform():
                dimensions.append(Real(*each.ends, prior="log-uniform"))
            case Integer():
                dimensions.append(Whole(*each.ends, prior="log-uniform" if each.log else "uniform"))
            case Choice():
                dimensions.append(Categorical(each.values))
    optimizer, values = Optimizer(dimensions, random_state=seed), []
    while True:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of points that it proposes again
            point = optimizer.ask()
        suggestion: Suggestion = {}
        for key, value in zip(space.keys, point, strict=True):
            if space.counts(key, suggestion):
                suggestion[key] = value.item() if isinstance(value, np.generic) else value

        def tell(value: float | None, point: list[Any] = point) -> None:
            values.append(max(values, default=10.0) if value is None else value)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                optimizer.tell(point, values[-1])

        yield suggestion, tell


def _optuna(objective: Objective, seed: int) -> Search:
    """Optuna's default, the tree-structured Parzen estimator."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    space = objective.space
    while True:
        trial = study.ask()
        suggestion: Suggestion = {}
        for key, each in space.dimensions.items():
            if not space.counts(key, suggestion):
                continue
            match each:
                case Uniform():
                    suggestion[key] = trial.suggest_float(key, *each.ends)
                case LogUniform():
                    suggestion[key] = trial.suggest_float(key, *each.ends, log=True)
                case Integer():
                    suggestion[key] = trial.suggest_int(key, *each.ends, log=each.log)
                case Choice():
                    suggestion[key] = trial.suggest_categorical(key, each.values)

        def tell(value: float | None, trial: Any = trial) -> None:
            failed = optuna.trial.TrialState.FAIL if value is None else None
            study.tell(trial, value, state=failed)

        yield suggestion, tell


SEARCHES: dict[str, Callable[[Objective, int], Search]] = {
    OURS: _sampler(Bayes()),
    "random": _sampler(Random()),
    "scikit-optimize": _skopt,
    "Optuna TPE": _optuna,
}
