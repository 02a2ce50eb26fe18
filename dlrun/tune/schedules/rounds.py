"""Batches whose trials meet: nothing depends on which run ended first."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from dlrun.tune.events import BatchStarted, TrialEnded
from dlrun.tune.ledger import Ledger
from dlrun.tune.pruner import SynchronousPruner
from dlrun.tune.schedule import Schedule
from dlrun.tune.state import Job
from dlrun.tune.suggestion import Suggestion

Trials = dict[int, Suggestion]


class Rounds(Schedule):
    """One batch after another, and within it one rung after another, each to its end.

    Args:
        ledger: of the study.
        prune: what ends trials at rungs; None is nothing.
    """

    def __init__(self, ledger: Ledger, prune: SynchronousPruner | None) -> None:
        super().__init__(ledger)
        self._prune = prune
        self._waits = False
        self._jobs = self._all()

    def next(self, running: Collection[Job]) -> Job | None:
        """The next run of the rung; the next rung where none is under way any more."""
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

    def _all(self) -> Iterator[Job | None]:
        """Every run in order; None stands between those that must not overlap."""
        number = 0
        while batch := self.ledger.batch(number):
            yield from self._train(batch)
            number += 1

    def _train(self, batch: Trials) -> Iterator[Job | None]:
        """A batch, rung by rung; brackets take theirs side by side."""
        epochs, prune = self.ledger.plan.epochs, self._prune
        brackets: dict[int, Trials] = {}
        for trial, suggestion in batch.items():
            number = 0 if prune is None else prune.bracket(trial, epochs)
            brackets.setdefault(number, {})[trial] = suggestion
        rungs = {
            number: [*([] if prune is None else prune.rungs(epochs, number)), 0]
            for number in sorted(brackets)
        }
        for stage in range(max(map(len, rungs.values()))):
            here = {number: each[stage] for number, each in rungs.items() if stage < len(each)}
            jobs = [
                Job(trial, repeat, rung)
                for number, rung in here.items()
                for trial in brackets[number]
                for repeat in range(self.ledger.plan.sweep.repeats)
            ]
            new = [job for job in jobs if job not in self.ledger.state.outcomes]
            yield from self._announced(new, batch)
            yield None
            ended = []
            for number, rung in here.items():
                if rung:
                    brackets[number], gone = self._survivors(batch, brackets[number], number, rung)
                else:
                    gone = list(brackets[number])
                ended += gone
            if new:
                self._tell(ended)

    def _announced(self, jobs: list[Job], batch: Trials) -> Iterator[Job]:
        if jobs:
            numbers = dict.fromkeys(job.trial for job in jobs)
            rungs = {job.epochs for job in jobs}
            epochs = rungs.pop() if len(rungs) == 1 else None
            self.said.append(BatchStarted({n: batch[n] for n in numbers}, epochs, len(jobs)))
        yield from jobs

    def _survivors(
        self, batch: Trials, alive: Trials, bracket: int, epochs: int
    ) -> tuple[Trials, list[int]]:
        """The trials that go on behind a rung, and those that have ended there."""
        assert self._prune is not None
        ledger, end = self.ledger, self.ledger.plan.epochs
        values = ledger.values(alive, epochs)
        rivals = [n for n in range(min(batch)) if self._prune.bracket(n, end) == bracket]
        before = ledger.values(rivals, epochs)
        go_on = set(self._prune.survivors(values, list(before.values())))
        pruned = [trial for trial in values if trial not in go_on]
        if any(trial not in ledger.state.pruned for trial in pruned):
            ledger.record({"event": "pruned", "trials": pruned, "epochs": epochs})
        ended = [trial for trial in alive if trial not in go_on]
        return {trial: alive[trial] for trial in alive if trial in go_on}, ended

    def _tell(self, ended: list[int]) -> None:
        found = self.ledger.trials()
        self.said += [TrialEnded(each) for each in found if each.number in ended]
