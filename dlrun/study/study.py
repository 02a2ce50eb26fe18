"""A study: suggestions are run, the results recorded, and new suggestions made from them."""

from __future__ import annotations

import math
import time
import weakref
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

from dlrun import variables
from dlrun.errors import InputError
from dlrun.experiment import plugins
from dlrun.search.pruners.base import (
    ChoosingPruner,
    PromotingPruner,
    ReplacingPruner,
    StoppingPruner,
    SynchronousPruner,
)
from dlrun.study.clock import Clock
from dlrun.study.events import Event, JobEnded, StudyEnded, StudyStarted
from dlrun.study.execution import Execution
from dlrun.study.executors.base import Executor
from dlrun.study.executors.cluster import ClusterExecutor
from dlrun.study.executors.connection import Cluster
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Hello
from dlrun.study.executors.seen_data import seen_data
from dlrun.study.gate import Gate
from dlrun.study.ledger import Ledger
from dlrun.study.length import length
from dlrun.study.outlook import Outlook
from dlrun.study.results import files
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.schedulers.base import Scheduler
from dlrun.study.schedulers.generations import Generations
from dlrun.study.schedulers.looks import Looks
from dlrun.study.schedulers.race import Race
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.schedulers.turns import Turns
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.state import State
from dlrun.study.store.trials import begun
from dlrun.study.sweep.limit_lines import limits
from dlrun.study.sweep.plan import SweepPlan
from dlrun.training.stop import Stop

_WORTH = 300.0
"""Seconds that a study must have left so that some of them are spent on a prediction."""


class Study:
    """A study that this process runs, once.

    It holds the lock of its directory until ``run`` has ended, or until it is closed or collected.

    Args:
        plan: the sweep.
        directory: of the study, which continues where it was left.
        workers: number of processes that train at the same time.
        cluster: where runs are trained; None for this machine.

    Raises:
        InputError: the sweep cannot run on the cluster.
        DataError: another process runs the study, it began with another sweep, or its files are
            broken.
    """

    def __init__(
        self,
        plan: SweepPlan,
        directory: StudyDirectory,
        workers: int,
        cluster: Cluster | None = None,
    ) -> None:
        self.plan, self.directory, self.workers = plan, directory, workers
        self._cluster = cluster
        prune = plan.sweep.prune
        if cluster is not None and isinstance(prune, StoppingPruner):
            raise InputError(
                f"{prune.origin}: '{prune.kind}' decides after every epoch, "
                "which is too slow on a cluster; use asha, or --executor local"
            )
        self._sweep = plan.sweep
        self._lock = directory.lock()
        try:
            self._ledger = Ledger(plan, directory)
        except BaseException:
            directory.release(self._lock)
            raise
        self._release = weakref.finalize(self, _released, self._ledger, self._lock)

    @property
    def state(self) -> State:
        """The content of the journal."""
        return self._ledger.state

    def close(self) -> None:
        """Release the lock of the directory; closing twice is harmless."""
        self._release()

    def run(self, stop: Stop) -> Iterator[Event]:
        """Run until nothing is left to do, a limit or rule ends the study, or ``stop`` is set.

        Yields what happens.

        Raises:
            MachineError: the machine is the reason that runs fail, for example a full disk.  No
                trial counts as failed by it, and the same study can be resumed.
        """
        if not self._release.alive:
            raise RuntimeError("a study runs once; make another one to continue it")
        began = time.monotonic()
        with closing(self):
            self._ledger.begin()
            clock = Clock(self._ledger)
            clock.tick()
            executor = self._executor()
            self.workers = executor.jobs
            with closing(executor):
                yield self._announcement(executor.threads)
                outlook = self._outlook(clock, executor.threads)
                execution = Execution(self._ledger, executor, clock)
                execution.clear_up()
                for event in execution.run(self._scheduler(), stop):
                    if outlook is not None and isinstance(event, JobEnded):
                        outlook.run_ended()
                    yield event
                clock.close()
            if self._cluster is None or not stop:  # no task on a cluster can write to it
                self.directory.remove_empty_log()
            if not stop:
                Gate(self._ledger).conclude()
            files.write(self.plan, self.state, self.directory)
        seconds, conclusion = time.monotonic() - began, self.state.conclusion
        found = self._ledger.trials()
        ended = found if conclusion is None else begun(self.state, found)
        status: Literal["stopped", "completed"] = "stopped" if stop else "completed"
        compared = None if outlook is None else outlook.comparison()
        yield StudyEnded(status, tuple(ended), seconds, conclusion, compared)

    def _outlook(self, clock: Clock, threads: int | None) -> Outlook | None:
        """A prediction, if the time is limited, and long enough to spend some of it on that."""
        if self._cluster is not None or threads is None or not _WORTH <= clock.left < math.inf:
            return None
        return Outlook(self._ledger, self.workers, threads)

    def _executor(self) -> Executor:
        base, timeout = self.plan.base, self._sweep.trial_timeout
        hello = Hello(
            base.text,
            base.name,
            str(base.folder.absolute()),
            plugins.loaded(),
            self.plan.portable,
            seen_data(self.plan.compiled),
        )
        if self._cluster is not None:
            return ClusterExecutor(hello, self._cluster, timeout, self.directory)
        threads = max(1, variables.threads() // self.workers)
        log = self.directory.workers_log
        return LocalExecutor(hello, self.workers, threads, timeout, log, self._lock)

    def _scheduler(self) -> Scheduler:
        if self._sweep.looks is not None:
            return Looks(self._ledger)
        if self._sweep.racing:
            return Race(self._ledger)
        if (prune := self._sweep.prune) is None or isinstance(prune, SynchronousPruner):
            return Rounds(self._ledger, prune)
        if isinstance(prune, ChoosingPruner):
            return Turns(self._ledger, prune)
        if isinstance(prune, ReplacingPruner):
            return Generations(self._ledger, prune)
        assert isinstance(prune, PromotingPruner | StoppingPruner)
        return Flow(self._ledger, prune)

    def _announcement(self, threads: int | None) -> StudyStarted:
        sweep = self._sweep
        return StudyStarted(
            name=sweep.name,
            directory=self.directory.path,
            objectives={goal.score: goal.way for goal in sweep.goals},
            trials=length(self.plan, self.state),
            repeats=sweep.repeats,
            workers=self.workers,
            threads=threads,
            done=len(self.state.outcomes),
            earlier=[*self.state.prior_trials.said, *self.state.changes(self.plan.trials)],
            ended=[
                each.number
                for each in self._ledger.trials()
                if each.status != "unfinished" and not each.skipped
            ],
            prunes=sweep.prune is not None or sweep.racing,
            limits=limits(sweep),
        )


def _released(ledger: Ledger, lock: int) -> None:
    """Close the files that a study holds, and release its lock."""
    ledger.close()
    ledger.directory.release(lock)
