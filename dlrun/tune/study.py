"""A study: suggestions become runs, runs become records, and records become suggestions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from dlrun.data.kept import KeptData
from dlrun.errors import DataError
from dlrun.nn.threads import processors
from dlrun.runs.atomic import replace
from dlrun.runs.directory import RunDirectory
from dlrun.runs.identity import new_id
from dlrun.spec import overrides as override
from dlrun.spec.problems import Problems
from dlrun.training.compile import compile_document
from dlrun.training.stop import Stop
from dlrun.tune import leaderboard
from dlrun.tune.cost import cost
from dlrun.tune.directory import StudyDirectory
from dlrun.tune.events import (
    BatchStarted,
    Event,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobStarted,
    StudyEnded,
    StudyStarted,
    TrialEnded,
    Waiting,
)
from dlrun.tune.executor import Crashed, Executor
from dlrun.tune.executors.local import LocalExecutor
from dlrun.tune.journal import Journal, read_journal
from dlrun.tune.plan import Plan
from dlrun.tune.protocol import HALTED, Ended, Epoch, Failed, Hello, Task
from dlrun.tune.state import Job, Outcome, State, of_job
from dlrun.tune.suggestion import Suggestion
from dlrun.tune.trials import Trial, history, trials, value_at

_MOMENT = 0.2
"""Seconds between two looks at the request to stop."""
_ALL = 1_000_000
"""Suggestions of a search that learns nothing, at once."""


class Study:
    """A study that this process runs; it holds the lock until it ends.

    Args:
        plan: what to do.
        directory: of the study, which goes on where it was left.
        workers: processes that train side by side.

    Raises:
        DataError: another process runs the study, it was begun with another sweep, or its files
            are broken.
    """

    def __init__(self, plan: Plan, directory: StudyDirectory, workers: int) -> None:
        self.plan, self.directory, self.workers = plan, directory, workers
        self._sweep, self._objective = plan.sweep, plan.sweep.objective
        self._lock = directory.lock()
        self.state = State.replay(read_journal(directory.journal_file))
        self._check_identity()
        self._journal = Journal(directory.journal_file)
        self._threads = max(1, processors() // workers)
        self._data = KeptData()

    def run(self, stop: Stop) -> Iterator[Event]:
        """Go on until nothing is left to do, or ``stop`` says so; yields what happens."""
        began = time.monotonic()
        if self.state.identity is None:
            self._begin()
        replace(self.directory.resolved_file, self.plan.resolved())
        yield self._announcement()
        base = self.plan.base
        hello = Hello(base.text, base.name, str(base.folder.absolute()))
        executor = LocalExecutor(
            hello,
            self.workers,
            self._threads,
            self._sweep.trial_timeout,
            self.directory.workers_log,
            self._lock,
        )
        with closing(self._journal), closing(executor):
            self._clear_up()
            number = 0
            while not stop and (batch := self._batch(number)):
                yield from self._train(batch, executor, stop)
                number += 1
                self._write()
        self._write()
        seconds = time.monotonic() - began
        yield StudyEnded("stopped" if stop else "completed", tuple(self._trials()), seconds)

    def _record(self, record: dict[str, Any]) -> None:
        self._journal.append(record)
        self.state.apply(record)

    def _begin(self) -> None:
        replace(self.directory.sweep_file, self.plan.text)
        self._record({"event": "study", "version": 1, "identity": self.plan.identity()})

    def _check_identity(self) -> None:
        before, now = self.state.identity, self.plan.identity()
        if before is None:
            return
        changed = [key for key, value in now.items() if before.get(key) != value]
        if changed:
            raise DataError(
                f"{self.directory.path}: this study was begun with another {', '.join(changed)}; "
                "give the sweep another name, or remove the directory"
            )

    def _announcement(self) -> StudyStarted:
        limit = self.plan.trials
        if limit is None and self._sweep.search.kind == "grid" and self.state.batches:
            limit = sum(map(len, self.state.batches))
        return StudyStarted(
            name=self._sweep.name,
            directory=self.directory.path,
            objective=self._objective.score,
            way=self._objective.way,
            trials=limit,
            repeats=self._sweep.repeats,
            workers=self.workers,
            threads=self._threads,
            done=len(self.state.outcomes),
        )

    def _clear_up(self) -> None:
        """Take what a killed study left: runs that came to their end, and not the others.

        Where a run can go on from its checkpoint, this is the place to keep its directory.
        """
        for job, name in list(self.state.started.items()):
            outcome = self._outcome(job, name, None)
            if outcome is None:
                self._record(of_job("interrupted", job))
                self.directory.discard(name)
            else:
                self._end(job, outcome)

    def _batch(self, number: int) -> dict[int, Suggestion]:
        """The trials of a batch by number; none where the search is over."""
        limit = self.plan.trials
        first = sum(map(len, self.state.batches[:number]))
        if limit is not None and first >= limit:
            return {}
        if number == len(self.state.batches):
            suggestions = self._suggest(first)
            if not suggestions:
                return {}
            self._record({"event": "batch", "batch": number, "suggestions": suggestions})
        wanted = enumerate(self.state.batches[number], start=first)
        return {trial: each for trial, each in wanted if limit is None or trial < limit}

    def _suggest(self, first: int) -> Sequence[Suggestion]:
        """A whole batch, also where fewer are wanted now: more may be wanted later."""
        search, limit = self._sweep.search, self.plan.trials
        if limit is not None:
            search = search.model_copy(update={"trials": None})
        count = self.plan.batch or (_ALL if limit is None else limit - first)
        past = list(history(self._trials(), self._objective))
        return search.suggest(self.plan.space, past, [], count, self._sweep.seed)

    def _trials(self) -> list[Trial]:
        return trials(self.state, self._objective, self._sweep.repeats, self.plan.trials)

    def _train(
        self, batch: dict[int, Suggestion], executor: Executor, stop: Stop
    ) -> Iterator[Event]:
        """Train a batch, rung by rung, and drop those that are pruned."""
        prune, alive = self._sweep.prune, dict(batch)
        for epochs in [*(prune.rungs(self.plan.epochs) if prune is not None else ()), 0]:
            jobs = [Job(n, repeat, epochs) for n in alive for repeat in range(self._sweep.repeats)]
            waiting = [job for job in jobs if job not in self.state.outcomes]
            known = len(jobs) - len(waiting)
            if waiting:
                yield BatchStarted(alive, epochs, len(waiting))
            yield from self._execute(waiting, alive, executor, stop)
            if stop:
                return
            new = known < len(jobs)
            if epochs and prune is not None:
                alive, ended = self._survivors(batch, alive, epochs)
            else:
                alive, ended = {}, list(alive)
            if new:
                yield from (TrialEnded(each) for each in self._trials() if each.number in ended)

    def _survivors(
        self, batch: dict[int, Suggestion], alive: dict[int, Suggestion], epochs: int
    ) -> tuple[dict[int, Suggestion], list[int]]:
        """The trials that go on behind a rung, and those that have ended there."""
        values = self._values(alive, epochs)
        before = self._values(range(min(batch)), epochs)
        assert self._sweep.prune is not None
        go_on = set(self._sweep.prune.survivors(values, list(before.values())))
        pruned = [trial for trial in values if trial not in go_on]
        if any(trial not in self.state.pruned for trial in pruned):
            self._record({"event": "pruned", "trials": pruned, "epochs": epochs})
        ended = [trial for trial in alive if trial not in go_on]
        return {trial: alive[trial] for trial in alive if trial in go_on}, ended

    def _values(self, numbers: Iterable[int], epochs: int) -> dict[int, float]:
        found = {}
        for number in numbers:
            try:
                found[number] = value_at(
                    self.state, number, epochs, self._objective, self._sweep.repeats
                )
            except KeyError:  # it failed, or never came that far
                continue
        return found

    def _execute(
        self, jobs: Sequence[Job], batch: dict[int, Suggestion], executor: Executor, stop: Stop
    ) -> Iterator[Event]:
        """Run jobs to their ends, as many side by side as there are workers."""
        waiting, running = deque(jobs), dict[int, Job]()
        asked = False
        while waiting or running:
            while waiting and executor.free and not stop:
                job = waiting.popleft()
                ended = self._ended_before(job)
                if ended is not None:
                    yield self._end(job, ended)
                    continue
                number, event = self._start(job, batch[job.trial], executor)
                running[number] = job
                yield event
            if stop:
                waiting.clear()
                if not asked:
                    executor.cease()
                asked = True
            if not running:
                continue
            news = executor.news(_MOMENT)
            if not news:
                yield Waiting()
            for each in news:
                job = running[each.number]
                match each.what:
                    case Epoch(epoch, epochs, score):
                        yield JobEpoch(job, epoch, epochs, score)
                        continue
                    case Ended(ceased=True):
                        name = self._name(job)
                        self._record(of_job("interrupted", job))
                        self.directory.discard(name)
                    case Ended(cost=work):
                        name = self._name(job)
                        outcome = self._outcome(job, name, work)
                        assert outcome is not None
                        yield self._end(job, outcome)
                    case Failed(reason):
                        yield self._end(job, self._failure(job, reason))
                    case Crashed(reason):
                        again = len(self.state.crashes[job]) < self._sweep.retries
                        failure = self._failure(job, reason)
                        self._record(of_job("crashed", job, reason=reason))
                        yield JobCrashed(job, reason, again)
                        if again:
                            waiting.appendleft(job)
                        else:
                            yield self._end(job, failure)
                del running[each.number]

    def _start(
        self, job: Job, suggestion: Suggestion, executor: Executor
    ) -> tuple[int, JobStarted]:
        repeat = f"-{job.repeat + 1}" if self._sweep.repeats > 1 else ""
        name = f"{job.trial:04}{repeat}-{new_id()}"
        self._record(of_job("started", job, directory=name))
        task = Task(
            self.plan.settings(suggestion, job.repeat),
            job.epochs,
            self._objective.score,
            str((self.directory.trials / name).absolute()),
        )
        attempt = len(self.state.crashes[job]) + 1
        return executor.submit(task), JobStarted(job, suggestion, attempt)

    def _name(self, job: Job) -> str:
        return self.state.started[job]

    def _ended_before(self, job: Job) -> Outcome | None:
        """The outcome of an earlier rung, where the run came to its own end before that."""
        for other, outcome in self.state.outcomes.items():
            same = (other.trial, other.repeat) == (job.trial, job.repeat)
            if same and outcome.reason != HALTED.format(other.epochs):
                return outcome
        return None

    def _end(self, job: Job, outcome: Outcome) -> JobEnded:
        self._record(of_job("ended", job, outcome=asdict(outcome)))
        return JobEnded(job, outcome, self._objective.of(outcome.scores))

    def _failure(self, job: Job, reason: str) -> Outcome:
        return Outcome("failed", reason, {}, 0, 0.0, 0.0, self._name(job))

    def _outcome(self, job: Job, name: str, work: float | None) -> Outcome | None:
        """What a run's directory says of its end; None where it has come to none.

        Args:
            job: the run.
            name: of the directory.
            work: its cost; None where nobody has said it.
        """
        run = self.directory.run(name)
        if not run.result_file.exists():
            return None
        result = run.result()
        status, reason, epochs = result["status"], result["reason"], result["epochs"]
        if status == "stopped" and reason != HALTED.format(job.epochs):
            return None
        scores = {**_scores_of_training(run, result), **result["metrics"]}
        failed = status == "diverged"
        if not failed and self._objective.of(scores) is None:
            failed, reason = True, f"{self._objective.score} is no finite number"
        if work is None:
            work = self._work(job, epochs)
        return Outcome(
            "failed" if failed else "completed",
            reason,
            {} if failed else scores,
            epochs,
            work,
            result["seconds"],
            name,
        )

    def _work(self, job: Job, epochs: int) -> float:
        problems = Problems()
        settings = self.plan.settings(self.state.suggestion(job.trial), job.repeat)
        document = self.plan.base.document(override.read(settings, problems), problems)
        return cost(compile_document(document, self._data), epochs)

    def _write(self) -> None:
        leaderboard.write(self.plan, self.state, self.directory)


def _scores_of_training(run: RunDirectory, result: dict[str, Any]) -> dict[str, float]:
    """The training part's scores in the epoch whose weights were kept."""
    epoch = result["best_epoch"] if result["weights"] == "best" else result["epochs"]
    if not epoch:
        return {}
    columns = run.metrics()
    return {
        name: values[epoch - 1] for name, values in columns.items() if name.startswith("train.")
    }
