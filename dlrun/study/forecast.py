"""What a study will take, from shapes and from a few real steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from dlrun import variables
from dlrun.processors import processors
from dlrun.search.suggestion import Suggestion
from dlrun.study.suggest import propose
from dlrun.study.sweep.compile import Plan
from dlrun.study.warm_start import warm_start
from dlrun.training.events import StepEnded
from dlrun.training.price import price
from dlrun.training.session import Session
from dlrun.training.stop import Stop

_WARM = 3
_STEPS = 50
_SECONDS = 1.0
_LISTED = 10
"""Suggestions of a search that is no grid."""
_LEFT = 1_000_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """A study before it runs.

    Attributes:
        trials: how many; None where only the search can say.
        runs: of all trials, if none is pruned.
        suggestions: all of a grid, the first of another search.
        workers, threads: processes, and what each may use.
        processors: of the machine.
        memory: bytes of a step, in all workers, with the spec's own values.
        step: seconds that a step took here, with one run under way.
        seconds: predicted for all runs, with the spec's own values; None without ``trials``.
        earlier: a line on each earlier study that it begins with.
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


def forecast(plan: Plan, workers: int) -> Forecast:
    """Work out what can be known beforehand; a second of training is done and thrown away.

    Raises:
        SpecError: an earlier study that the sweep names is of no use to it.
    """
    search = plan.sweep.search
    is_grid = search.kind == "grid"
    first = min(plan.batch or _LISTED, _LISTED)
    count = _LEFT if is_grid else first
    earlier = warm_start(plan)
    suggestions = propose(plan, earlier, [], [], count, 0)
    trials = len(suggestions) if is_grid else plan.trials
    runs = None if trials is None else trials * plan.sweep.repeats
    experiment = plan.compiled.experiment
    steps = -(-len(plan.compiled.data.train) // experiment.data.batch_size)
    step = _measured(plan)
    seconds = None
    if runs is not None:
        seconds = step * steps * experiment.epochs * runs / min(workers, processors(), runs)
    return Forecast(
        trials,
        runs,
        dict(enumerate(suggestions)),
        workers,
        max(1, variables.threads() // workers),
        processors(),
        workers * price(plan.compiled).memory,
        step,
        seconds,
        earlier.said,
    )


def _measured(plan: Plan) -> float:
    """Seconds of a step, its share of validation left out; from as many as fit into a second."""
    endless = plan.compiled.experiment.model_copy(update={"epochs": 10**6})
    session = Session(replace(plan.compiled, experiment=endless))
    stop = Stop(max_time=_SECONDS)
    steps = (event for event in session.run(stop) if isinstance(event, StepEnded))
    times = [time.perf_counter() for _ in islice(steps, _WARM + _STEPS)]
    if len(times) <= _WARM:
        return _SECONDS
    return (times[-1] - times[_WARM - 1]) / (len(times) - _WARM)
