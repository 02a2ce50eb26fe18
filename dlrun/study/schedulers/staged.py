"""Stages: runs side by side, and everybody waits for the last of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dlrun.search.suggestion import Suggestion
from dlrun.study.events import BatchStarted, TrialEnded
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.base import Schedule
from dlrun.study.store.job import Job

Trials = dict[int, Suggestion]


class Staged(Schedule):
    """One batch after another, each in stages; nothing depends on which run ended first."""

    def __init__(self, ledger: Ledger) -> None:
        super().__init__(ledger)
        self._waits = False
        self._jobs = self._all()

    def next(self, running: Collection[Job]) -> Job | None:
        """The next run of the stage; of the next stage where none is under way any more."""
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

    def train(self, batch: Trials) -> Iterator[Job | None]:
        """The runs of a batch in order; None stands between two stages.

        Args:
            batch: its trials by number.
        """
        raise NotImplementedError

    def stage(self, jobs: Sequence[Job], batch: Trials) -> Iterator[Job | None]:
        """A stage of these runs, as far as they have not ended before."""
        new = [job for job in jobs if job not in self.ledger.state.outcomes]
        if new:
            numbers = dict.fromkeys(job.trial for job in new)
            rungs = {job.epochs for job in new}
            epochs = rungs.pop() if len(rungs) == 1 else None
            self.said.append(BatchStarted({n: batch[n] for n in numbers}, epochs, len(new)))
        yield from new
        yield None

    def back(self, trials: Collection[int], epochs: int) -> None:
        """Let trials go on that were out: a longer study decides by more of them."""
        for trial in sorted(trials):
            self.ledger.record({"event": "promoted", "trial": trial, "epochs": epochs})

    def tell(self, ended: Collection[int]) -> None:
        """Say of trials that they have ended."""
        found = self.ledger.trials()
        self.said += [TrialEnded(each) for each in found if each.number in ended]

    def _all(self) -> Iterator[Job | None]:
        number = 0
        while batch := self.ledger.batch(number):
            yield from self.train(batch)
            number += 1
