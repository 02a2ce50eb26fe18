"""The root of all schedulers, which order the runs of a study."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import replace

from dlrun.study.events import Event
from dlrun.study.ledger import Ledger
from dlrun.study.store.job import Job
from dlrun.study.store.trial import Trial


class Scheduler:
    """Chooses the run that a study starts next.

    Attributes:
        events: trials that ended and batches that started, for the study to yield.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.events: deque[Event] = deque()

    def next(self, running: Collection[Job]) -> Job | None:
        """The run to start now.

        Args:
            running: runs in progress.  A run that was started, is not one of them and has not ended
                is requested again.

        Returns:
            None if no run can start before one of ``running`` has ended or, if there are none, if
            the study is complete.
        """
        raise NotImplementedError

    def prune_waiting(self, first: int) -> None:
        """Prune the trials that still wait at a rung when the study is complete.

        Args:
            first: epochs of the rung at which trials wait that were never promoted.
        """
        state = self.ledger.state
        by_rung: dict[int, list[int]] = {}
        for trial in self.ledger.trials():
            if trial.status == "unfinished":
                rung = state.promoted.get(trial.number, first)
                by_rung.setdefault(rung, []).append(trial.number)
        for rung, numbers in by_rung.items():
            self.ledger.record({"event": "pruned", "trials": numbers, "epochs": rung})

    def continues(self, job: Job, curve: Sequence[float]) -> bool:
        """Whether a run trains another epoch, given its values so far; lower is better."""
        return True


def as_waiting(trials: Sequence[Trial]) -> list[Trial]:
    """The trials, those that ``prune_waiting`` pruned as they were before: they only wait.

    Otherwise a rule of ``until`` would count more trials after the end of a study than before.
    """
    return [
        replace(trial, status="unfinished") if trial.status == "pruned" else trial
        for trial in trials
    ]
