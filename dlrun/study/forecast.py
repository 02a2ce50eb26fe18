"""A forecast of the time and memory of a study, from shapes and from a few measured steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from dlrun import variables
from dlrun.errors import SpecError
from dlrun.experiment.compile import Compiled
from dlrun.inspect.cost import price
from dlrun.processors import processors
from dlrun.search.suggestion import Suggestion
from dlrun.study.propose import propose
from dlrun.study.step_time import measured_step
from dlrun.study.sweep.plan import SweepPlan
from dlrun.study.warm_start import warm_start

_SECONDS = 1.0
"""Of training, for all trials that are measured."""
_LISTED = 10
"""Number of suggestions to list, except for a grid, which is listed in full."""
_LEFT = 1_000_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a study will run and need.

    Attributes:
        trials: number of trials; None if it is not known in advance.
        runs: number of runs of all trials, if none is pruned.
        suggestions: all suggestions of a grid, the first ones of another search.
        workers, threads: number of processes, and threads of each.
        processors: of this machine.
        memory: bytes of a training step in all workers, for the largest of the measured trials.
        step: measured seconds of a training step of one run, the mean of some trials.
        seconds: predicted for all runs from these trials; None without ``trials``.
        earlier: lines about the prior studies that the study begins with.
    """

    trials: int | None
    runs: int | None
    suggestions: Mapping[int, Suggestion]
    workers: int
    threads: int
    processors: int
    memory: int
    step: float
    seconds: float | None
    earlier: Sequence[str]


def forecast(plan: SweepPlan, workers: int) -> Forecast:
    """Forecast a study; trains for a second and discards the result.

    Args:
        plan: of the study.
        workers: number of processes that train at the same time.

    Raises:
        SpecError: a prior study that the sweep names cannot be used.
    """
    search = plan.sweep.search
    is_grid = search.kind == "grid"
    first = min(plan.batch or _LISTED, _LISTED)
    count = _LEFT if is_grid else first
    prior_trials = warm_start(plan)
    suggestions = propose(plan, prior_trials, [], [], count, 0)
    trials = len(suggestions) if is_grid else plan.trials
    runs = None if trials is None else trials * plan.sweep.repeats
    measured = _measured(plan, suggestions)
    seconds = None
    if runs is not None:
        each = sum(trial.seconds for trial in measured) / len(measured)
        seconds = each * runs / min(workers, processors(), runs)
    return Forecast(
        trials,
        runs,
        dict(enumerate(suggestions)),
        workers,
        max(1, variables.threads() // workers),
        processors(),
        workers * max(trial.memory for trial in measured),
        sum(trial.step for trial in measured) / len(measured),
        seconds,
        prior_trials.said,
    )


@dataclass(frozen=True, slots=True)
class _Trial:
    """What one run of a trial needs: seconds of a step, of the run, and bytes of a step."""

    step: float
    seconds: float
    memory: int


def _measured(plan: SweepPlan, suggestions: Sequence[Suggestion]) -> list[_Trial]:
    """At most ``_LISTED`` of the trials, evenly chosen, with their own values; at least one.

    Trials whose spec has errors fail in the study at once, so they are left out.
    """
    stride = max(1, -(-len(suggestions) // _LISTED))
    compiled: list[Compiled] = []
    for suggestion in suggestions[::stride]:
        with suppress(SpecError):
            compiled.append(plan.compile(suggestion, 0))
    compiled = compiled or [plan.compiled]
    return [_trial(each, _SECONDS / len(compiled)) for each in compiled]


def _trial(compiled: Compiled, seconds: float) -> _Trial:
    experiment = compiled.experiment
    steps = -(-len(compiled.data.train) // experiment.data.batch_size)
    step = measured_step(compiled, seconds)
    return _Trial(step, step * steps * experiment.epochs, price(compiled).memory)
