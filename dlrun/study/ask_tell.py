"""A study whose runs somebody else trains: it hands out settings and takes what came of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dlrun.errors import DataError, SpecError
from dlrun.runs.directory import RunDirectory
from dlrun.runs.result import ending
from dlrun.search.suggestion import legible
from dlrun.spec.overrides import Overrides
from dlrun.spec.yaml import resolve
from dlrun.study.ledger import Ledger
from dlrun.study.results.scores import priced, scores_of
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, Outcome
from dlrun.study.store.journal import read_journal
from dlrun.study.store.state import State, of_job
from dlrun.study.sweep.compile import Plan, read_plan
from dlrun.study.sweep.cost import TRAINING
from dlrun.training.plugins import Allow

_PATIENCE = 120.0
"""Seconds to wait for others that ask or report at the same time."""
_BARE = re.compile(r"[A-Za-z_][\w.-]*")
_SPECIAL = {letter: f"\\u{ord(letter):04x}" for letter in " *?"}
"""Where a shell would split what it expands, or look for files; in JSON only text has them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A run to train.

    Attributes:
        name: by which its result is reported: ``3``, or ``3-2`` for the second seed of trial 3.
        trial, repeat: both counted from 0.
        settings: overrides of the spec by key.
    """

    name: str
    trial: int
    repeat: int
    settings: Mapping[str, Any]

    @property
    def overrides(self) -> list[str]:
        """``key=value``, a word each where a shell expands ``$(...)``, with the value in YAML."""
        return [f"{key}={_word(value)}" for key, value in self.settings.items()]


def begin(
    sweep: Path, overrides: Overrides, out: Path | None, *, allow_plugins: Allow = False
) -> tuple[Plan, StudyDirectory]:
    """A sweep and the directory of its study, which need not be there.

    Args:
        sweep: of the YAML file.
        overrides: keys of it with other values.
        out: the directory; None is ``studies/<name>``.
        allow_plugins: whether the Python files that its spec names may run.

    Raises:
        SpecError: the sweep has faults, or is one for ``dlrun tune`` alone.
    """
    plan = read_plan(sweep, overrides, allow_plugins=allow_plugins)
    for name in ("prune", "racing"):
        if getattr(plan.sweep, name):
            what = f"'{name}' is for dlrun tune, which decides who goes on; remove it"
            raise SpecError([f"{plan.sweep.place_of(name)}: {what}"])
    return plan, StudyDirectory(out or Path("studies") / plan.sweep.name)


def reopen(path: Path, *, allow_plugins: Allow = False) -> tuple[Plan, StudyDirectory]:
    """The sweep of a study that is there.

    Args:
        path: of its directory.
        allow_plugins: whether the Python files that its spec names may run.

    Raises:
        DataError: there is none.
    """
    directory = StudyDirectory.open(path)
    folder = State.replay(read_journal(directory.journal_file)).folder
    resolved, start = directory.resolved_file, Path(folder)
    return read_plan(resolved, folder=start, allow_plugins=allow_plugins), directory


def ask(plan: Plan, directory: StudyDirectory) -> Asked | None:
    """The next run to train; None where all have been handed out.

    Raises:
        DataError: the study is another one, or in use for longer than anybody needs.
    """
    with _opened(plan, directory) as ledger:
        job = Flow(ledger, None).next(ledger.state.started)
        if job is None:
            return None
        ledger.record(of_job("started", job, directory=""))
        settings = plan.settings(ledger.state.suggestion(job.trial), job.repeat)
        return Asked(_name(job, plan), job.trial, job.repeat, settings)


def under_way(plan: Plan, directory: StudyDirectory) -> list[str]:
    """The names of runs that were handed out and not reported."""
    state = State.replay(read_journal(directory.journal_file))
    return [_name(job, plan) for job in sorted(state.started)]


def report(plan: Plan, directory: StudyDirectory, name: str, outcome: Outcome | None) -> None:
    """Take what came of a run.

    Args:
        plan: of the study.
        directory: of the study.
        name: of the run.
        outcome: None where there will be none, and the run is to be handed out anew.

    Raises:
        DataError: no such run is under way, or it lacks a score that is an objective.
    """
    with _opened(plan, directory) as ledger:
        jobs = {_name(job, plan): job for job in ledger.state.started}
        if name not in jobs:
            ended = {_name(job, plan): each for job, each in ledger.state.outcomes.items()}
            what = f"run {name} has ended already" if name in ended else f"no run {name}"
            known = ", ".join(jobs) or "none"
            raise DataError(f"{directory.path}: {what}; runs that were handed out: {known}")
        job = jobs[name]
        if outcome is None:
            ledger.record(of_job("interrupted", job))
            return
        if outcome.status == "completed":
            suggestion = ledger.state.suggestion(job.trial)
            costs = plan.costs(suggestion, job.repeat, outcome.epochs or plan.epochs)
            scores = {**priced(plan.sweep.goals, costs), **outcome.scores}
            outcome = replace(outcome, scores=scores, cost=costs[TRAINING])
            for goal in plan.sweep.goals:
                if goal.of(scores) is None:
                    what = "no finite number" if goal.score in scores else "missing"
                    raise DataError(f"{goal.score} of run {name} is {what}; or report it as failed")
        ledger.end(job, outcome)
        ledger.write()


def scored(plan: Plan, words: list[str]) -> Outcome:
    """An outcome from words: a number for the objective, or ``validation.loss=0.3`` and others.

    Raises:
        DataError: a word is no number.
    """
    scores: dict[str, float | None] = {}
    for word in words:
        name, sign, text = word.rpartition("=")
        try:
            scores[name if sign else plan.sweep.goal.score] = float(text)
        except ValueError:
            raise DataError(f"{word!r} is no score; write 0.3 or validation.loss=0.3") from None
    return Outcome("completed", "reported", scores, 0, 0.0, 0.0, "")


def failed(reason: str) -> Outcome:
    """An outcome without a score."""
    return Outcome("failed", reason, {}, 0, 0.0, 0.0, "")


def trained(path: Path) -> Outcome:
    """What a run directory says; a training that diverged has failed.

    Raises:
        DataError: it has no result, or was stopped before its end.
    """
    run = RunDirectory.open(path)
    result = run.training_result()
    ended_by = ending(result)
    if result["status"] == "stopped" and (ended_by is None or ended_by.kind != "max_time"):
        raise DataError(f"{path}: {result['reason']}, so its scores are not the last ones")
    if result["status"] == "diverged":
        return failed(result["reason"])
    found = scores_of(run, result)
    return Outcome(
        "completed", result["reason"], found, result["epochs"], 0.0, result["seconds"], "", ended_by
    )


@contextmanager
def _opened(plan: Plan, directory: StudyDirectory) -> Iterator[Ledger]:
    """The ledger of a study, which this process alone writes within."""
    lock = directory.lock(_PATIENCE)
    try:
        with closing(Ledger(plan, directory, asked=True)) as ledger:
            ledger.begin()
            yield ledger
    finally:
        os.close(lock)


def _name(job: Job, plan: Plan) -> str:
    return f"{job.trial}-{job.repeat + 1}" if plan.sweep.repeats > 1 else str(job.trial)


def _word(value: Any) -> str:
    """A value in YAML, of one word."""
    if isinstance(value, str) and _BARE.fullmatch(value) and resolve(value) == value:
        return value
    text = _flow(value)
    return "".join(_SPECIAL.get(letter, letter) for letter in text)


def _flow(value: Any) -> str:
    """A value as JSON, with YAML's words for the numbers that JSON lacks."""
    if isinstance(value, Mapping):
        return f"{{{','.join(f'{json.dumps(key)}:{_flow(each)}' for key, each in value.items())}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_flow, value))}]"
    return str(legible(value)) if isinstance(value, float) else json.dumps(value)
