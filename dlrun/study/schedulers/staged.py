"""Stages: runs that are trained at the same time, each stage after the end of the previous one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import count

from dlrun.search.suggestion import Suggestion
from dlrun.study.batches import batch
from dlrun.study.events import BatchStarted, TrialEnded
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.base import Scheduler
from dlrun.study.store.job import Job

Trials = dict[int, Suggestion]


class Staged(Scheduler):
    """One batch after another, each in stages; nothing depends on the order in which runs end."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._waits = False
        self._jobs = self.jobs()

    def next(self, running: Collection[Job]) -> Job | None:
        """The next run of the stage; of the next stage once all runs of this one have ended."""
        if self._waits and running:
            return None
        self._waits = False
        for job in self._jobs:
            if job is not None:
                return job
            if running:
                self._waits = True
                return None
        return None

    def jobs(self) -> Iterator[Job | None]:
        """All runs of the study in order, with None between two stages."""
        for number in self.batches():
            before = set(self.ledger.state.skipped)
            trials = batch(self.ledger, number)
            self.announce(self.ledger.state.skipped - before)
            if trials is None:
                return
            if trials:  # none if they are forgotten, or fewer are requested than before
                yield from self.train(trials)

    def train(self, batch: Trials) -> Iterator[Job | None]:
        """The runs of a batch in order, with None between two stages.

        Args:
            batch: its trials by number.
        """
        raise NotImplementedError

    def stage(self, jobs: Sequence[Job], batch: Trials) -> Iterator[Job | None]:
        """A stage of those runs that have not ended yet, and None after it."""
        new = [job for job in jobs if job not in self.ledger.state.outcomes]
        if new:
            numbers = dict.fromkeys(job.trial for job in new)
            rungs = {job.epochs for job in new}
            epochs = rungs.pop() if len(rungs) == 1 else None
            self.events.append(BatchStarted({n: batch[n] for n in numbers}, epochs, len(new)))
        yield from new
        yield None

    def promote(self, trials: Collection[int], epochs: int) -> None:
        """Continue trials that had been stopped, because a longer study keeps more of them."""
        for trial in sorted(trials):
            self.ledger.record({"event": "promoted", "trial": trial, "epochs": epochs})

    def before(self, batch: Trials) -> list[int]:
        """The trials of earlier batches that the trials of a batch have to beat.

        Those that a sweep with fewer trials leaves out do not count, and so end no others.
        """
        state, first = self.ledger.state, min(batch)
        requested = state.requested(self.ledger.plan.trials)
        return [n for n, _ in requested if n < first and n not in state.infeasible]

    def announce(self, ended: Collection[int]) -> None:
        """Add an event for each trial that has ended."""
        trials = self.ledger.trials() if ended else []
        self.events += [TrialEnded(trial) for trial in trials if trial.number in ended]

    def batches(self) -> Iterator[int]:
        """The numbers of the batches in the order in which they are trained; endless."""
        return count()
