"""A forecast of the time and memory of a study, from shapes and from a few measured epochs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dlrun import variables
from dlrun.errors import SpecError
from dlrun.experiment.compile import Compiled
from dlrun.inspect.cost import price
from dlrun.processors import processors
from dlrun.search.suggestion import Suggestion
from dlrun.study.calibration import Pace, calibrate
from dlrun.study.draw import Drawn, draw
from dlrun.study.rung_epochs import rung_epochs
from dlrun.study.search_pace import SearchPace, search_pace
from dlrun.study.step_time import measured_step
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.sweep.limit_lines import limits
from dlrun.study.sweep.plan import SweepPlan
from dlrun.study.sweep.room import too_large
from dlrun.study.warm_start import warm_start

_LISTED = 10
"""Number of suggestions to list and to measure, except for a grid, which is listed in full."""
_LEFT = 1_000_000
_SECONDS = 1.0
"""Of training, for the steps of an epoch that is too long."""
_FINE = 1e-3
"""Trials to which the number of trials that fit into a time is searched."""
_WIDTH = 1.96
"""Standard deviations of an interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a study will run and need.

    Attributes:
        trials: number of trials; None if it is not known in advance.
        runs: number of runs of all trials, if none is pruned.
        suggestions: all suggestions of a grid, the first ones of another search, by number.
        skipped: why some of them are not trained, by number: their costs do not meet the limits.
            They do not count for ``trials``.
        workers, threads: number of processes, and threads of each.
        processors: of this machine.
        memory: bytes of a training step in all workers, for the largest of the measured trials.
        step: measured seconds of a training step of one run with its part of the validation, the
            mean of some trials.
        seconds: predicted for all runs from these trials; None without ``trials``.
        low, high: ends of its 95 % interval, from how much the measured trials differ.
        epochs: predicted for all runs together; None without ``trials``.
        rungs: epochs at which the pruner compares trials.
        time: seconds that the budget allows; None for any number.
        fits: number of trials that fit into the time and the epochs of the budget; None without.
        earlier: lines about the prior studies that the study begins with.
        limits: the limits and rules that may end the study, one line each.
    """

    trials: int | None
    runs: int | None
    suggestions: Mapping[int, Suggestion]
    skipped: Mapping[int, str]
    workers: int
    threads: int
    processors: int
    memory: int
    step: float
    seconds: float | None
    low: float | None
    high: float | None
    epochs: int | None
    rungs: Sequence[int]
    time: float | None
    fits: int | None
    earlier: Sequence[str]
    limits: Sequence[str]


@dataclass(frozen=True, slots=True)
class TrialCost:
    """What one trial needs.

    Attributes:
        steps: of an epoch.
        epochs: of all its runs, expected with the pruner.
        seconds: of all its runs, one after another.
        epoch: seconds of an epoch.
        around: seconds of everything else of a run.
        memory: bytes of a training step.
    """

    steps: int
    epochs: float
    seconds: float
    epoch: float
    around: float
    memory: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """The time of a study, by its number of trials.

    Attributes:
        costs: of the measured trials.
        start: seconds before the first run.
        workers: number of processes.
        batch: runs that are started at the same time; None for all.
        search: the time of the sampler, in which no run is trained.
    """

    costs: Sequence[TrialCost]
    start: float
    workers: int
    batch: int | None
    search: SearchPace

    def seconds(self, trials: float, runs: float) -> float:
        """Of a study of so many trials, and runs."""
        return (
            self.start + trials * self.mean / self.parallel(runs) + self.search.between(0, trials)
        )

    def of_runs(self, runs: int, epochs: int, trials: tuple[int, int]) -> float:
        """Of so many runs that train so many epochs together, of the trials from one to another."""
        epoch = statistics.fmean(cost.epoch for cost in self.costs)
        around = statistics.fmean(cost.around for cost in self.costs)
        trained = (runs * around + epochs * epoch) / self.parallel(runs)
        return self.start + trained + self.search.between(*trials)

    def fitting(self, seconds: float, repeats: int) -> float:
        """How many trials of so many repeats fit into a time."""
        left = max(0.0, seconds - self.start)
        busy = self.parallel(max(1.0, left / self.mean) * repeats)
        low, high = 0.0, left * busy / self.mean  # as many as without the time of the sampler
        while high - low > _FINE:
            middle = (low + high) / 2
            needed = middle * self.mean / busy + self.search.between(0, middle)
            low, high = (middle, high) if needed <= left else (low, middle)
        return high

    @property
    def mean(self) -> float:
        """Seconds of a trial."""
        return statistics.fmean(cost.seconds for cost in self.costs)

    def parallel(self, runs: float) -> float:
        """Mean number of workers that are busy, if all runs take equally long."""
        together = max(1, min(runs, self.batch or runs))
        return together / math.ceil(together / self.workers)

    def spread(self, trials: int) -> float:
        """Half of the interval of ``seconds``, relative to it."""
        if len(self.costs) < 2:
            return 0.0
        deviation = statistics.stdev([cost.seconds for cost in self.costs]) / self.mean
        return _WIDTH * deviation * math.sqrt(1 / len(self.costs) + 1 / max(1, trials))


def forecast(plan: SweepPlan, workers: int) -> Forecast:
    """Forecast a study; trains some epochs of some trials and discards the results.

    Args:
        plan: of the study.
        workers: number of processes that train at the same time.

    Raises:
        SpecError: a prior study that the sweep names cannot be used, or no suggestion meets the
            limits.
        MachineError: a worker cannot start.
    """
    sweep, budget = plan.sweep, plan.sweep.budget
    prior_trials = warm_start(plan)
    drawn = first_suggestions(plan, prior_trials)
    trials = len(drawn.trained) if drawn.complete else plan.trials
    trials = trials if plan.trials is None or trials is None else min(trials, plan.trials)
    time, most = (None, None) if budget is None else (budget.time, budget.epochs)
    threads = max(1, variables.threads() // workers)
    predicted = predict(plan, drawn.trained, workers, threads)
    runs = None if trials is None else trials * sweep.repeats
    seconds = None if runs is None or trials is None else predicted.seconds(trials, runs)
    spread = predicted.spread(trials or 1)
    costs = predicted.costs
    epochs = statistics.fmean(cost.epochs for cost in costs)
    return Forecast(
        trials,
        runs,
        drawn.suggestions,
        drawn.skipped,
        workers,
        threads,
        processors(),
        workers * max(cost.memory for cost in costs),
        statistics.fmean(cost.epoch / cost.steps for cost in costs),
        seconds,
        None if seconds is None else seconds * max(0.0, 1 - spread),
        None if seconds is None else seconds * (1 + spread),
        None if trials is None else round(trials * epochs),
        () if sweep.prune is None else sweep.prune.stages(plan.epochs),
        time,
        _fitting(predicted, time, most, epochs, sweep.repeats),
        prior_trials.said,
        limits(sweep),
    )


def first_suggestions(plan: SweepPlan, prior_trials: PriorTrials) -> Drawn:
    """All suggestions of a grid; of another search, those until ten at most are to be trained."""
    first = min(plan.batch or _LISTED, plan.trials or _LISTED, _LISTED)
    count = _LEFT if plan.sweep.search.kind == "grid" else first
    return draw(plan, prior_trials, count)


def _fitting(
    predicted: Prediction, time: float | None, budget: int | None, epochs: float, repeats: int
) -> int | None:
    """How many trials fit into a time and a number of epochs; None without both."""
    found = []
    if time is not None:
        found.append(predicted.fitting(time, repeats))
    if budget is not None:
        found.append(budget / epochs)
    return math.floor(min(found)) if found else None


def predict(
    plan: SweepPlan, suggestions: Sequence[Suggestion], workers: int, threads: int
) -> Prediction:
    """Measure some trials, evenly chosen, with their own values; at least one.

    Trials whose spec has errors, or whose network does not fit into memory, fail in the study at
    once, so they are left out.

    Args:
        plan: of the study.
        suggestions: its first trials.
        workers: number of processes that train at the same time.
        threads: of each.

    Raises:
        SpecError: the network of every trial is too large for this machine.
    """
    stride = max(1, -(-len(suggestions) // _LISTED))
    chosen: list[tuple[Suggestion, Compiled]] = []
    errors = list[str]()
    for suggestion in suggestions[::stride]:
        with suppress(SpecError):
            compiled = plan.compile(suggestion, 0)
            if error := too_large(plan, suggestion, compiled):
                errors.append(error)
            else:
                chosen.append((suggestion, compiled))
    if errors and not chosen:
        raise SpecError(errors[:1])
    chosen = chosen or [({}, plan.compiled)]
    together = min(workers, len(chosen))
    measured = calibrate(plan, [suggestion for suggestion, _ in chosen], together, threads)
    paces = measured.paces or {0: Pace(_epoch(chosen[0][1]), 0.0)}
    costs = [_cost(plan, number, chosen[number][1], pace) for number, pace in paces.items()]
    batch = None if plan.batch is None else plan.batch * plan.sweep.repeats
    return Prediction(costs, measured.start, workers, batch, search_pace(plan, workers))


def _epoch(compiled: Compiled) -> float:
    """Seconds of an epoch that is too long to be trained, from its first steps."""
    return _steps(compiled) * measured_step(compiled, _SECONDS)


def _steps(compiled: Compiled) -> int:
    return -(-len(compiled.data.train) // compiled.experiment.data.batch_size)


def _cost(plan: SweepPlan, number: int, compiled: Compiled, pace: Pace) -> TrialCost:
    sweep, whole = plan.sweep, compiled.experiment.epochs
    epochs = sweep.repeats * rung_epochs(sweep.prune, whole, number)
    seconds = epochs * pace.epoch + sweep.repeats * pace.around
    memory = price(compiled).memory
    return TrialCost(_steps(compiled), epochs, seconds, pace.epoch, pace.around, memory)
