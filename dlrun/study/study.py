"""A study: suggestions become runs, runs become records, and records become suggestions."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import closing

from dlrun import variables
from dlrun.errors import DataError, InputError, MachineError, of_the_machine
from dlrun.runs.ending import Ending
from dlrun.search.pruners.base import PromotingPruner, StoppingPruner, SynchronousPruner
from dlrun.study.events import (
    Event,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobInterrupted,
    JobNoted,
    JobStarted,
    StudyEnded,
    StudyStarted,
    Waiting,
)
from dlrun.study.executors.base import Crashed, Executor, Lost
from dlrun.study.executors.cluster import ClusterExecutor
from dlrun.study.executors.connection import Cluster
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Ended, Epoch, Failed, Hello, Task
from dlrun.study.ledger import Ledger
from dlrun.study.results.scores import end_of
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.schedulers.base import Schedule
from dlrun.study.schedulers.race import Race
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.job import Job, Outcome, new_name
from dlrun.study.store.state import State, of_job
from dlrun.study.sweep.compile import Plan
from dlrun.training import plugins
from dlrun.training.stop import Stop

_MOMENT = 0.2
"""Seconds between two looks at the request to stop."""
_WRITTEN = 2.0
"""Seconds between two leaderboards, at least; they are made from the journal alone."""
_HINDERED = (
    "{}: the study stopped and counts no trial as failed by it: {}; mend that, and the same "
    "command resumes the study"
)


class Study:
    """A study that this process runs; it holds the lock until it ends.

    Args:
        plan: what to do.
        directory: of the study, which goes on where it was left.
        workers: processes that train side by side.
        cluster: where; None is this machine.

    Raises:
        InputError: the cluster cannot do what the sweep wants.
        DataError: another process runs the study, it was begun with another sweep, or its files
            are broken.
    """

    def __init__(
        self,
        plan: Plan,
        directory: StudyDirectory,
        workers: int,
        cluster: Cluster | None = None,
    ) -> None:
        self.plan, self.directory, self.workers = plan, directory, workers
        self._cluster = cluster
        prune = plan.sweep.prune
        if cluster is not None and isinstance(prune, StoppingPruner):
            raise InputError(
                f"{prune.origin}: '{prune.kind}' is asked behind every epoch, "
                "which a cluster is too slow for; use asha, or --executor local"
            )
        self._sweep, self._goal = plan.sweep, plan.sweep.goal
        self._lock = directory.lock()
        self._ledger = Ledger(plan, directory)
        self._written = -math.inf

    @property
    def state(self) -> State:
        """What the journal says."""
        return self._ledger.state

    def run(self, stop: Stop) -> Iterator[Event]:
        """Go on until nothing is left to do, or ``stop`` says so; yields what happens.

        Raises:
            MachineError: the disk is full or the like.  No run counts as failed by that, and the
                same study can be resumed.
        """
        began = time.monotonic()
        self._ledger.begin()
        executor = self._executor()
        self.workers = executor.jobs
        yield self._announcement(executor.threads)
        with closing(self._ledger), closing(executor):
            self._clear_up()
            yield from self._execute(self._schedule(), executor, stop)
        self._ledger.write()
        seconds = time.monotonic() - began
        trials = tuple(self._ledger.trials())
        yield StudyEnded("stopped" if stop else "completed", trials, seconds)

    def _executor(self) -> Executor:
        base, timeout = self.plan.base, self._sweep.trial_timeout
        hello = Hello(base.text, base.name, str(base.folder.absolute()), plugins.loaded())
        if self._cluster is not None:
            return ClusterExecutor(hello, self._cluster, timeout, self.directory)
        threads = max(1, variables.threads() // self.workers)
        log = self.directory.workers_log
        return LocalExecutor(hello, self.workers, threads, timeout, log, self._lock)

    def _schedule(self) -> Schedule:
        prune = self._sweep.prune
        if self._sweep.racing:
            return Race(self._ledger)
        if prune is None or isinstance(prune, SynchronousPruner):
            return Rounds(self._ledger, prune)
        assert isinstance(prune, PromotingPruner | StoppingPruner)
        return Flow(self._ledger, prune)

    def _announcement(self, threads: int | None) -> StudyStarted:
        limit = self.plan.trials
        if limit is None and self._sweep.search.kind == "grid" and self.state.batches:
            limit = self.state.size
        return StudyStarted(
            name=self._sweep.name,
            directory=self.directory.path,
            objectives={goal.score: goal.way for goal in self._sweep.goals},
            trials=limit,
            repeats=self._sweep.repeats,
            workers=self.workers,
            threads=threads,
            done=len(self.state.outcomes),
            earlier=self.state.earlier.said,
        )

    def _clear_up(self) -> None:
        """Take what a killed study left: runs that came to their end; the others go on later."""
        for job, name in list(self.state.started.items()):
            outcome = self._outcome(job, name, None)
            if outcome is None:
                self._ledger.record(of_job("interrupted", job))
            else:
                self._ledger.end(job, outcome)

    def _execute(self, schedule: Schedule, executor: Executor, stop: Stop) -> Iterator[Event]:
        """Run what the schedule says, as many side by side as there are workers."""
        stop.heeded = True
        again, running = deque[Job](), dict[int, Job]()
        curves: dict[int, list[float]] = {}
        asked, gone, hindered = False, 0, ""
        while True:
            nothing_left = False
            while executor.free > 0 and not stop and not hindered:
                job = again.popleft() if again else schedule.next(running.values())
                yield from _drained(schedule.said)
                if job is None:
                    nothing_left = True
                    break
                ended = self._ended_before(job)
                if ended is not None:
                    yield self._end(job, ended)
                    continue
                number, event = self._start(job, executor)
                running[number], curves[number] = job, []
                yield event
            if stop or hindered:
                again.clear()
                if not asked:
                    executor.cease()
                asked = True
            if not running and (nothing_left or stop or hindered):
                if hindered:
                    raise MachineError(_HINDERED.format(self.directory.path, hindered))
                return
            self._write()
            news = executor.news(_MOMENT)
            if not news:
                yield Waiting(executor.waiting())
            for each in news:
                job = running[each.number]
                if isinstance(each.what, Ended | Failed):
                    for text in each.what.notes:
                        yield JobNoted(job, text)
                match each.what:
                    case Epoch(epoch, epochs, score):
                        yield JobEpoch(job, epoch, epochs, score)
                        if self._asks and epoch < epochs:
                            curve = curves[each.number]
                            if len(curve) < epoch - 1:  # it went on from there
                                curve[:] = self._curve(job)[: epoch - 1]
                            curve.append(self._less_is_better(score))
                            goes_on = schedule.goes_on(job, curve)
                            executor.answer(each.number, goes_on=goes_on)
                        continue
                    case Ended(ceased=True):
                        self._ledger.record(of_job("interrupted", job))
                    case Lost(reason):
                        self._ledger.record(of_job("interrupted", job))
                        again.append(job)
                        yield JobInterrupted(job, reason)
                    case Ended(costs=costs):
                        name = self._name(job)
                        outcome = self._outcome(job, name, costs)
                        assert outcome is not None
                        yield self._end(job, outcome)
                    case Failed(reason, of_machine=True):
                        self._ledger.record(of_job("interrupted", job))
                        hindered = hindered or reason
                    case Failed(reason):
                        yield self._end(job, self._failure(job, reason))
                    case Crashed(reason, begun=False):
                        gone += 1
                        self._ledger.record(of_job("interrupted", job))
                        yield JobCrashed(job, reason, gone <= self._sweep.retries)
                        if gone <= self._sweep.retries:
                            again.append(job)
                        else:
                            hindered = hindered or f"a worker cannot start: {reason}"
                    case Crashed(reason):
                        retry = len(self.state.crashes[job]) < self._sweep.retries
                        failure = self._failure(job, reason)
                        self._ledger.record(of_job("crashed", job, reason=reason))
                        yield JobCrashed(job, reason, retry)
                        if retry:
                            again.append(job)
                        else:
                            yield self._end(job, failure)
                del running[each.number], curves[each.number]

    @property
    def _asks(self) -> bool:
        """Whether runs ask behind each epoch if they are to go on."""
        return isinstance(self._sweep.prune, StoppingPruner)

    def _curve(self, job: Job) -> list[float]:
        columns = self.directory.run(self._name(job)).metrics()
        return [self._less_is_better(score) for score in columns[self._goal.score]]

    def _less_is_better(self, score: float | None) -> float:
        if score is None or not math.isfinite(score):
            return math.inf
        return self._goal.sign * score

    def _start(self, job: Job, executor: Executor) -> tuple[int, JobStarted]:
        suggestion = self.state.suggestion(job.trial)
        # A run goes on where it was left, by an earlier rung or by whatever ended it.
        known = self.state.directories.get((job.trial, job.repeat))
        name = known or new_name(job, self._sweep.repeats)
        self._ledger.record(of_job("started", job, directory=name))
        task = Task(
            self.plan.settings(suggestion, job.repeat),
            job.epochs,
            self._goal.score,
            str(self.directory.run(name).path.absolute()),
            self._asks,
        )
        attempt = len(self.state.crashes[job]) + 1
        return executor.submit(task), JobStarted(job, suggestion, attempt)

    def _name(self, job: Job) -> str:
        return self.state.started[job]

    def _ended_before(self, job: Job) -> Outcome | None:
        """The outcome of an earlier rung, where the run came to its own end before that."""
        for other, outcome in self.state.outcomes.items():
            same = (other.trial, other.repeat) == (job.trial, job.repeat)
            if same and outcome.ended_by != Ending("rung", other.epochs):
                return outcome
        return None

    def _end(self, job: Job, outcome: Outcome) -> JobEnded:
        self._ledger.end(job, outcome)
        suggestion = self.state.suggestion(job.trial)
        return JobEnded(job, outcome, self._goal.of(outcome.scores), suggestion)

    def _failure(self, job: Job, reason: str) -> Outcome:
        return Outcome("failed", reason, {}, 0, 0.0, 0.0, self._name(job))

    def _outcome(self, job: Job, name: str, costs: Mapping[str, float] | None) -> Outcome | None:
        """What a run's directory says of its end; None where it has come to none.

        Args:
            job: the run.
            name: of the directory.
            costs: of it, by name; None where nobody has said them.
        """
        run = self.directory.run(name)
        try:
            found = end_of(run, job.epochs)
        except DataError as fault:
            if costs is not None or of_the_machine(fault):
                raise
            return None  # a worker says so and resumes it
        if found is None:
            return None
        if costs is None:
            costs = self.plan.costs(self.state.suggestion(job.trial), job.repeat, found.epochs)
        return found.outcome(self._sweep.goals, costs)

    def _write(self) -> None:
        if time.monotonic() >= self._written + _WRITTEN:
            self._ledger.write()
            self._written = time.monotonic()


def _drained(said: deque[Event]) -> Iterator[Event]:
    while said:
        yield said.popleft()
