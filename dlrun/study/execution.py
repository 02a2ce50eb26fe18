"""The runs of a study: submitted to an executor, and recorded when they end."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field

from dlrun.errors import DataError, MachineError, of_the_machine
from dlrun.run_directory.ending import Ending
from dlrun.search.pruners.base import StoppingPruner
from dlrun.study.clock import Clock
from dlrun.study.events import (
    BatchStarted,
    Event,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobInterrupted,
    JobNoted,
    JobStarted,
    Waiting,
)
from dlrun.study.executors.base import Crashed, Executor, Lost, News
from dlrun.study.executors.protocol import Ended, Epoch, Failed, Task
from dlrun.study.gate import Gate, out_of_time
from dlrun.study.independence import obstacle
from dlrun.study.interruptions import Interruptions
from dlrun.study.ledger import Ledger
from dlrun.study.results import files
from dlrun.study.results.scores import end_of
from dlrun.study.schedulers.base import Scheduler
from dlrun.study.store.job import Job, JobOutcome, new_name
from dlrun.study.store.state import of_job
from dlrun.training.stop import Stop

_MOMENT = 0.2
"""Seconds between two checks of the request to stop."""
_WRITTEN, _PAUSE = 2.0, 20.0
"""Minimum time between two writes of the leaderboard, which is made from the journal alone: in
seconds, and as a multiple of the time that the last one took, which grows with the trials."""
_HINDERED = (
    "{}: the study stopped, without counting a trial as failed: {}; fix that, and run the same "
    "command again to resume"
)


@dataclass(slots=True)
class _Running:
    """A submitted run, and its values so far if it asks the pruner after every epoch."""

    job: Job
    curve: list[float] = field(default_factory=list)


class Execution:
    """Runs the jobs of a study until none is left.

    Args:
        ledger: of the study.
        executor: which trains the runs.
        clock: the time of the study.
    """

    def __init__(self, ledger: Ledger, executor: Executor, clock: Clock) -> None:
        self._ledger, self._executor = ledger, executor
        self._gate, self._clock = Gate(ledger), clock
        self._sweep, self._goal = ledger.plan.sweep, ledger.plan.sweep.goal
        self._asks = isinstance(self._sweep.prune, StoppingPruner)
        # Interrupted runs come before one that waits for the budget, which has counted them.
        self._again = deque[Job]()
        self._running: dict[int, _Running] = {}
        self._failed_starts = 0
        self._interruptions = Interruptions()
        self._hindrance = ""
        self._next_write = -math.inf

    def clear_up(self) -> None:
        """Record the runs that a killed study left: as ended, or as interrupted, to be resumed."""
        for job, name in list(self._ledger.state.started.items()):
            outcome = self._outcome(job, name, None)
            if outcome is None:
                self._ledger.record(of_job("interrupted", job))
            else:
                self._ledger.trained(self._ledger.directory.run(name))
                self._ledger.end(job, outcome)

    def run(self, scheduler: Scheduler, stop: Stop) -> Iterator[Event]:
        """Run jobs until nothing is left to do, a limit is reached, or ``stop`` is set.

        Yields what happens.

        Args:
            scheduler: which orders the runs.
            stop: the request to stop.

        Raises:
            MachineError: the machine is the reason that runs fail, for example a full disk.
        """
        stop.heeded = True
        ceased = finished = False
        while True:
            self._clock.tick()
            late = bool(self._running) and self._clock.left <= 0
            if stop or self._hindrance or late:
                self._again.clear()
                if not ceased:
                    self._executor.cease()
                ceased = True
                if late:
                    self._ledger.conclusion = out_of_time(self._sweep)
            if not ceased:
                finished = yield from self._submit(scheduler, stop)
            if not self._running and (finished or ceased):
                if self._hindrance:
                    raise MachineError(
                        _HINDERED.format(self._ledger.directory.path, self._hindrance)
                    )
                return
            self._write()
            news = self._executor.news(_MOMENT)
            if not news:
                yield Waiting(self._executor.waiting())
            for each in news:
                yield from self._receive(each, scheduler)

    def _submit(self, scheduler: Scheduler, stop: Stop) -> Generator[Event, None, bool]:
        """Submit runs while workers are free; whether no run can start before another ends."""
        while self._executor.free > 0 and not stop:
            running = [each.job for each in self._running.values()]
            job = self._again.popleft() if self._again else scheduler.next(running)
            earlier = None if job is None else self._ended_before(job)
            closed = None
            if job is not None and earlier is None:
                closed = self._gate.closed(job, running, self._clock.left)
            ends = closed is not None and not running
            for event in _drained(scheduler.events):
                if not (ends and isinstance(event, BatchStarted)):  # none of its runs starts
                    yield event
            if job is None:
                return True
            if earlier is not None:
                yield self._end(job, earlier)
                continue
            if closed is not None:
                self._again.appendleft(job)  # runs in progress may use less than they may need
                if ends:
                    self._ledger.conclusion = closed
                return True
            number, event = self._start(job)
            self._running[number] = _Running(job)
            yield event
        return False

    def _receive(self, news: News, scheduler: Scheduler) -> Iterator[Event]:
        """Record what happened to a run."""
        job, retries = self._running[news.number].job, self._sweep.retries
        if isinstance(news.what, Ended | Failed):
            for text in news.what.notes:
                yield JobNoted(job, text)
        match news.what:
            case Epoch(epoch, epochs, score):
                yield JobEpoch(job, epoch, epochs, score)
                if self._asks and epoch < epochs:
                    self._answer(news.number, epoch, score, scheduler)
                return
            case Ended(ceased=True):
                self._ledger.record(of_job("interrupted", job))
            case Lost(reason):
                run = self._ledger.directory.run(self._name(job))
                self._ledger.record(of_job("interrupted", job))
                fixed = bool(obstacle(self._sweep, self._ledger.state.looks))
                hindrance = self._interruptions.hindrance(job, run, reason, fixed=fixed)
                self._hindrance = self._hindrance or hindrance
                self._again.appendleft(job)
                yield JobInterrupted(job, reason)
            case Ended(costs=costs):
                outcome = self._outcome(job, self._name(job), costs)
                assert outcome is not None
                if text := self._ledger.trained(self._ledger.directory.run(outcome.directory)):
                    yield JobNoted(job, text)
                yield self._end(job, outcome)
            case Failed(reason, of_machine=True):
                self._ledger.record(of_job("interrupted", job))
                self._hindrance = self._hindrance or reason
            case Failed(reason):
                yield self._end(job, self._failure(job, reason))
            case Crashed(reason, begun=False):
                self._failed_starts += 1
                self._ledger.record(of_job("interrupted", job))
                yield JobCrashed(job, reason, self._failed_starts <= retries)
                if self._failed_starts <= retries:
                    self._again.appendleft(job)
                else:
                    self._hindrance = self._hindrance or f"a worker cannot start: {reason}"
            case Crashed(reason):
                retry = len(self._ledger.state.crashes[job]) < retries
                failure = self._failure(job, reason)
                self._ledger.record(of_job("crashed", job, reason=reason))
                yield JobCrashed(job, reason, retry)
                if retry:
                    self._again.appendleft(job)
                else:
                    yield self._end(job, failure)
        del self._running[news.number]

    def _answer(self, number: int, epoch: int, score: float | None, scheduler: Scheduler) -> None:
        """Answer a run that asks after an epoch whether to train another one."""
        running = self._running[number]
        if len(running.curve) < epoch - 1:  # the run was resumed
            running.curve[:] = self._curve(running.job)[: epoch - 1]
        running.curve.append(self._signed(score))
        continues = scheduler.continues(running.job, running.curve)
        self._executor.answer(number, continues=continues)

    def _curve(self, job: Job) -> list[float]:
        columns = self._ledger.directory.run(self._name(job)).metrics()
        return [self._signed(score) for score in columns[self._goal.score]]

    def _signed(self, score: float | None) -> float:
        """The score such that lower is better; infinity if it is not finite."""
        if score is None or not math.isfinite(score):
            return math.inf
        return self._goal.sign * score

    def _start(self, job: Job) -> tuple[int, JobStarted]:
        plan, state = self._ledger.plan, self._ledger.state
        suggestion = state.suggestion(job.trial)
        # A run resumes where an earlier rung or an interruption left it.
        known = state.directories.get((job.trial, job.repeat))
        name = known or new_name(job, self._sweep.repeats)
        self._ledger.record(of_job("started", job, directory=name))
        run = self._ledger.directory.run(name)
        self._interruptions.begin(job, run)
        task = Task(
            plan.settings(suggestion, job.repeat),
            job.epochs,
            self._goal.score,
            str(run.path.absolute()),
            self._asks,
            0 if job.trial not in state.forks else state.forks[job.trial].epochs,
        )
        attempt = len(state.crashes[job]) + 1
        return self._executor.submit(task), JobStarted(job, suggestion, attempt)

    def _name(self, job: Job) -> str:
        return self._ledger.state.started[job]

    def _ended_before(self, job: Job) -> JobOutcome | None:
        """The outcome at an earlier rung, if the run ended there for another reason."""
        for epochs, outcomes in self._ledger.state.rungs_of(job.trial).items():
            outcome = outcomes.get(job.repeat)
            if outcome is not None and outcome.ended_by != Ending("rung", epochs):
                return outcome
        return None

    def _end(self, job: Job, outcome: JobOutcome) -> JobEnded:
        self._ledger.end(job, outcome)
        self._interruptions.end(job)
        suggestion = self._ledger.state.suggestion(job.trial)
        return JobEnded(job, outcome, self._goal.of(outcome.scores), suggestion)

    def _failure(self, job: Job, reason: str) -> JobOutcome:
        return JobOutcome("failed", reason, {}, 0, 0.0, 0.0, self._name(job))

    def _outcome(self, job: Job, name: str, costs: Mapping[str, float] | None) -> JobOutcome | None:
        """The outcome of a run, read from its directory; None if the run has not ended.

        Args:
            job: the run.
            name: of its directory.
            costs: of the run, by name; None if no worker has reported them.
        """
        plan = self._ledger.plan
        run = self._ledger.directory.run(name)
        try:
            end = end_of(run, job.epochs)
        except DataError as error:
            if costs is not None or of_the_machine(error):
                raise
            return None  # a worker reports the error and resumes the run
        if end is None:
            return None
        if costs is None:
            costs = plan.costs(self._ledger.state.suggestion(job.trial), job.repeat, end.epochs)
        return end.outcome(self._sweep.goals, costs)

    def _write(self) -> None:
        began = time.monotonic()
        if began >= self._next_write:
            files.write(self._ledger.plan, self._ledger.state, self._ledger.directory)
            now = time.monotonic()
            self._next_write = now + max(_WRITTEN, _PAUSE * (now - began))


def _drained(events: deque[Event]) -> Iterator[Event]:
    while events:
        yield events.popleft()
