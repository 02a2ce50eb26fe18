"""Ask and tell: a study suggests runs, other programs train them and report the results."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlrun.errors import DataError, SpecError
from dlrun.experiment.plugins import Allow
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.usable import usable
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.study.gate import Gate
from dlrun.study.ledger import Ledger
from dlrun.study.reported import other_settings
from dlrun.study.results import files
from dlrun.study.results.scores import priced
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.shell_word import shell_word
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.state import State, of_job
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.cost import TRAINING
from dlrun.study.sweep.plan import SweepPlan

_PATIENCE = 120.0
"""Seconds to wait for other processes that ask or report at the same time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run to train.

    Attributes:
        name: used to report its result: ``3``, or ``3-2`` for the second seed of trial 3.
        trial, repeat: their indices, from 0.
        settings: overrides of the spec by key.
    """

    name: str
    trial: int
    repeat: int
    settings: Mapping[str, Any]

    @property
    def overrides(self) -> list[str]:
        """``key=value`` with the value in YAML, each one word after a shell expands ``$(...)``."""
        return [f"{key}={shell_word(value)}" for key, value in self.settings.items()]


def begin(
    sweep: Given, overrides: Overrides, out: Path | None, *, allow_plugins: Allow = False
) -> tuple[SweepPlan, StudyDirectory]:
    """Read a sweep; its study need not exist yet.

    Args:
        sweep: path of the YAML file, or its content as a mapping.
        overrides: keys of the sweep with other values.
        out: the study's directory; None for ``studies/<name>``.
        allow_plugins: whether the Python files that its spec names may run.

    Returns:
        The sweep and the directory of its study.

    Raises:
        SpecError: the sweep has errors, or has keys that need ``dlrun tune``.
    """
    plan = read_plan(sweep, overrides, allow_plugins=allow_plugins)
    for name in ("prune", "racing", "looks"):
        if getattr(plan.sweep, name):
            what = f"'{name}' needs dlrun tune, which stops trials early; remove it"
            raise SpecError([f"{plan.sweep.place_of(name)}: {what}"])
    budget = plan.sweep.budget
    if budget is not None and budget.time is not None:
        what = "'time' needs dlrun tune, which measures it; use 'epochs' or 'trials'"
        raise SpecError([f"{budget.place_of('time')}: {what}"])
    return plan, StudyDirectory(out or Path("studies") / plan.sweep.name)


def reopen(path: Path, *, allow_plugins: Allow = False) -> tuple[SweepPlan, StudyDirectory]:
    """Read the sweep of an existing study.

    Args:
        path: of the study's directory.
        allow_plugins: whether the Python files that its spec names may run.

    Returns:
        The sweep and the directory.

    Raises:
        DataError: the path is not the directory of a study.
    """
    directory = StudyDirectory.open(path)
    folder = State.replay(read_journal(directory.journal_file)).folder
    resolved, start = directory.resolved_file, Path(folder)
    return read_plan(resolved, folder=start, allow_plugins=allow_plugins), directory


def ask(plan: SweepPlan, directory: StudyDirectory) -> Asked | None:
    """The next run to train; None if all have been suggested, or a limit or rule ends the study.

    Raises:
        DataError: the directory has another study, or another process uses it for too long.
    """
    with _opened(plan, directory) as ledger:
        running = list(ledger.state.started)
        job = Flow(ledger, None).next(running)
        gate = Gate(ledger)
        closed = None if job is None else gate.closed(job, running, math.inf)
        if job is None or closed is not None:
            ledger.conclusion = closed or ledger.conclusion
            gate.conclude()
            files.write(plan, ledger.state, directory)
            return None
        ledger.record(of_job("started", job, directory=""))
        settings = plan.settings(ledger.state.suggestion(job.trial), job.repeat)
        return Asked(_name(job, plan), job.trial, job.repeat, settings)


def under_way(plan: SweepPlan, directory: StudyDirectory) -> tuple[list[str], Conclusion | None]:
    """The names of runs that were suggested and not reported yet, and why none is suggested."""
    state = State.replay(read_journal(directory.journal_file))
    return [_name(job, plan) for job in sorted(state.started)], state.conclusion


def report(
    plan: SweepPlan,
    directory: StudyDirectory,
    name: str,
    outcome: JobOutcome | None,
    trained: RunDirectory | None = None,
) -> None:
    """Record the result of a run.

    Args:
        plan: of the study.
        directory: of the study.
        name: of the run.
        outcome: the result; None if it is lost and the run is to be suggested again.
        trained: the run directory that has the result; None without one.

    Raises:
        DataError: no such run is waiting for a result, an objective is missing, or the run
            directory was trained with other settings.
    """
    with _opened(plan, directory) as ledger:
        jobs = {_name(job, plan): job for job in ledger.state.started}
        if name not in jobs:
            ended = {_name(job, plan): each for job, each in ledger.state.outcomes.items()}
            what = f"run {name} is already reported" if name in ended else f"no run {name}"
            known = ", ".join(jobs) or "none"
            raise DataError(f"{directory.path}: {what}; runs that wait for a result: {known}")
        job = jobs[name]
        if outcome is None:
            ledger.record(of_job("interrupted", job))
            return
        suggestion = ledger.state.suggestion(job.trial)
        if trained is not None and (other := other_settings(plan, suggestion, job.repeat, trained)):
            raise DataError(
                f"{trained.path}: trained with {', '.join(other)}, so it is not run {name} of this "
                "study; name the right directory, or report the scores alone"
            )
        if outcome.status == "completed":
            costs = plan.costs(suggestion, job.repeat, outcome.epochs)
            scores = {**priced(plan.sweep.goals, costs), **outcome.scores}
            outcome = replace(outcome, scores=scores, cost=costs[TRAINING])
            for score in [*(goal.score for goal in plan.sweep.goals), *plan.limited]:
                value = scores.get(score)
                if usable(value) is None:
                    what = "not a finite number" if score in scores else "missing"
                    what = "too large" if value is not None and math.isfinite(value) else what
                    raise DataError(
                        f"{score} of run {name} is {what}; report it, or that the run failed"
                    )
        if trained is not None:
            ledger.trained(trained)
        ledger.end(job, outcome)
        files.write(plan, ledger.state, directory)


@contextmanager
def _opened(plan: SweepPlan, directory: StudyDirectory) -> Iterator[Ledger]:
    """The ledger of a study, with its lock held."""
    lock = directory.lock(_PATIENCE)
    try:
        with closing(Ledger(plan, directory, asked=True)) as ledger:
            ledger.begin()
            yield ledger
    finally:
        directory.release(lock)


def _name(job: Job, plan: SweepPlan) -> str:
    return f"{job.trial}-{job.repeat + 1}" if plan.sweep.repeats > 1 else str(job.trial)
