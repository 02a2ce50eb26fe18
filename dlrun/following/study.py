"""Follows a study: from its journal and its runs, the events that the study yielded."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Literal

from dlrun.collection.signature import Signature, signature
from dlrun.errors import DataError
from dlrun.following.events import Killed
from dlrun.following.study_process import study_runs
from dlrun.quantities import count
from dlrun.run_directory import identity, metrics
from dlrun.run_directory.access import present
from dlrun.run_directory.spec_keys import read_keys
from dlrun.search.suggestion import Suggestion
from dlrun.study.events import (
    BatchStarted,
    Event,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobInterrupted,
    JobNoted,
    JobStarted,
    Looked,
    StudyEnded,
    StudyStarted,
    TrialEnded,
    TrialForked,
    Waiting,
)
from dlrun.study.length import length
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import begun, trials
from dlrun.study.sweep.design import Design, read_design
from dlrun.study.sweep.limit_lines import limits


class StudyFollower:
    """Follows a study by its files, which are only read; no lock is taken.

    Args:
        directory: of the study.

    Attributes:
        path: the directory.
        over: whether the last call of ``poll`` has seen the end.

    Raises:
        DataError: it is not a study.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = StudyDirectory.open(directory)
        self.path, self.over = directory, False
        self._begin()

    def _begin(self) -> None:
        self._state, self._records = State(), 0
        self._design: Design | None = None
        self._journal: Signature = []
        self._resolved: Signature = []
        self._suggestions: list[Suggestion] = []
        self._ended: set[int] = set()
        self._trials: list[Trial] = []
        self._epochs: dict[Job, int] = {}
        self._seen: dict[Job, Signature] = {}
        self._planned: dict[Job, int] = {}

    def clock(self) -> float:
        """Seconds from the first run to the last record, or to now while the study runs."""
        times = (identity.began(name) for name in self._state.directories.values())
        began = min((each.timestamp() for each in times if each is not None), default=None)
        if began is None:
            return 0.0
        try:
            written = self._directory.journal_file.lstat().st_mtime
        except OSError:
            written = began
        return max(0.0, (written if self.over else time.time()) - began)

    def poll(self) -> Iterator[Event | Killed]:
        """What has happened since the last call.

        Raises:
            DataError: a file is broken, or the directory is gone.
        """
        running = [self._directory.trials / name for name in self._state.started.values()]
        lives = study_runs(self._directory.path, running)  # before the files
        if not present(self._directory.journal_file):
            raise DataError(f"{self._directory.path}: the study directory is gone")
        is_new = self._records > 0 and self._read_design()
        if self.over and lives and self._design is not None:
            yield self._resumed(self._design)
        yield from self._read(is_new)
        is_complete = self._design is not None and self._is_complete(self._design)
        if self._design is not None:
            yield from self._of_running(self._design)
        self.over = not lives and (is_complete or not self._state.asked)
        if not self.over:
            yield Waiting(None if lives else self._awaited())
        elif not is_complete and (self._design is None or present(self._directory.path / "lock")):
            yield self._killed()
        else:
            status: Literal["completed", "stopped"] = "completed" if is_complete else "stopped"
            conclusion = self._state.conclusion
            ended = self._trials if conclusion is None else begun(self._state, self._trials)
            yield StudyEnded(status, tuple(ended), self.clock(), conclusion)

    def _awaited(self) -> str:
        """What a study waits for whose runs other programs train."""
        given_out = count(len(self._state.started), "run")
        return f"results of {given_out}" if self._state.started else "dlrun suggest"

    def _killed(self) -> Killed:
        advice = "run its command again to continue it"
        return Killed(self._directory.path, len(self._state.outcomes), True, advice)

    def _read_design(self) -> bool:
        """Read the sweep if its file is another one; says whether it was.

        The journal has no record of a change of ``trials``, ``budget`` and the like.
        """
        now = signature(str(self._directory.path), [self._directory.resolved_file.name])
        if now == self._resolved or not present(self._directory.resolved_file):
            return False
        self._design, self._resolved = read_design(self._directory.resolved_file), now
        return True

    def _read(self, is_new: bool) -> Iterator[Event]:
        """The events of new records, and of known ones if the sweep is new."""
        now = signature(str(self._directory.path), [self._directory.journal_file.name])
        if now == self._journal and not is_new:
            return
        records = read_journal(self._directory.journal_file)
        if len(records) < self._records:  # replaced by another one
            self._begin()
        if not records:
            return
        self._read_design()  # of which the last records may be
        if self._design is None:
            return
        new = records[self._records :]
        if not self._records:
            yield self._started(self._design, State.replay(records))
        for number, record in enumerate(new):
            self._records += 1
            yield from self._event(self._design, record, new[number + 1 :][:1])
        self._journal = now
        yield from self._ended_trials(self._design)

    def _started(self, design: Design, state: State) -> StudyStarted:
        sweep = design.sweep
        return StudyStarted(
            name=sweep.name,
            directory=self._directory.path,
            objectives={goal.score: goal.way for goal in sweep.goals},
            trials=length(design, state),
            repeats=sweep.repeats,
            workers=0,
            threads=None,
            done=0,
            earlier=[*state.prior_trials.said, *state.changes(design.trials)],
            prunes=sweep.prune is not None or sweep.racing,
            limits=limits(sweep),
        )

    def _resumed(self, design: Design) -> StudyStarted:
        started = self._started(design, self._state)
        return replace(
            started, done=len(self._state.outcomes), ended=sorted(self._ended - self._state.skipped)
        )

    def _event(
        self, design: Design, record: Mapping[str, Any], after: Sequence[Mapping[str, Any]]
    ) -> list[Event]:
        """Apply a record; returns the event for it, if there is one."""
        self._state.apply(dict(record))
        match record["event"]:
            case "batch" | "enqueued":
                first = len(self._suggestions)
                self._suggestions += record["suggestions"]
                found = enumerate(record["suggestions"], start=first)
                new = {n: each for n, each in found if n not in self._state.skipped}
                return [BatchStarted(new, 0, len(new) * design.sweep.repeats)]
            case "generation":
                self._suggestions += record["suggestions"]
                return [
                    TrialForked(number, fork.parent, fork.epochs, self._suggestions[number])
                    for number, fork in self._state.forks.items()
                    if number >= len(self._suggestions) - len(record["suggestions"])
                ]
            case "looked":
                return [Looked(planned=design.sweep.repeats, **asdict(self._state.looks[-1]))]
            case "started":
                job = _job(record)
                attempt = len(self._state.crashes.get(job, ())) + 1
                self._epochs.setdefault(job, 0)
                return [JobStarted(job, self._suggestions[job.trial], attempt)]
            case "ended":
                job = _job(record)
                outcome = self._state.outcomes[job]
                score = design.sweep.goals[0].of(outcome.scores)
                return [JobEnded(job, outcome, score, self._suggestions[job.trial])]
            case "crashed":
                job = _job(record)
                gives_up = any(each["event"] == "ended" and _job(each) == job for each in after)
                return [JobCrashed(job, record["reason"], again=not gives_up)]
            case "interrupted":
                if self._state.asked:
                    return [JobNoted(_job(record), "its result is lost; it is suggested again")]
                return [JobInterrupted(_job(record), "interrupted")]
            case "sampler":
                del self._suggestions[record["kept"] :]
            case "rerun":
                for job in [job for job in self._epochs if job.trial == record["trial"]]:
                    del self._epochs[job]
        return []

    def _ended_trials(self, design: Design) -> Iterator[TrialEnded]:
        sweep = design.sweep
        self._trials = trials(self._state, sweep.goals, sweep.repeats, design.trials)
        for trial in self._trials:
            if trial.status == "unfinished":
                self._ended.discard(trial.number)  # a longer study keeps more trials
            elif trial.number not in self._ended:
                self._ended.add(trial.number)
                yield TrialEnded(trial)

    def _is_complete(self, design: Design) -> bool:
        state = self._state
        if state.conclusion is not None:
            return not state.started
        drawn = state.drawn if design.trials is None else design.trials
        wanted = max(drawn + len(state.extra), 1)
        return len(self._ended) >= wanted

    def _of_running(self, design: Design) -> Iterator[JobEpoch]:
        """The new epochs of the runs that are trained now."""
        goal = design.sweep.goals[0]
        for job, name in self._state.started.items():
            run = self._directory.run(name)
            now = signature(str(run.path), [run.metrics_file.name])
            if now == self._seen.get(job) or not now[1]:
                continue
            columns = metrics.read_columns(run.metrics_file)
            metrics.need(columns, ("epoch",), run.metrics_file)
            planned = job.epochs or self._planned.get(job) or self._plan(job, run.resolved_file)
            epochs, values = columns["epoch"], columns.get(goal.score, [])
            self._epochs[job] = min(self._epochs[job], len(epochs))
            for row in range(self._epochs[job], len(epochs)):
                score = values[row] if values else None
                yield JobEpoch(job, int(epochs[row]), planned, score)
            self._epochs[job], self._seen[job] = len(epochs), now

    def _plan(self, job: Job, resolved: Path) -> int:
        """Epochs of a run that is trained to its end."""
        epochs = read_keys(resolved).get("epochs") if present(resolved) else None
        self._planned[job] = epochs if isinstance(epochs, int) else 0
        return self._planned[job]


def _job(record: Mapping[str, Any]) -> Job:
    return Job(record["trial"], record["repeat"], record["epochs"])
