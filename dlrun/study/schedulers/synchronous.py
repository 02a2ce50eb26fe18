"""Synchronous pruning: all trials of a batch reach a rung before the pruner decides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, chain

from dlrun.search.pruners.base import SynchronousPruner
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.staged import Staged, Trials
from dlrun.study.store.job import Job


class Rounds(Staged):
    """All repeats of all trials of a batch, one rung after another.

    Args:
        ledger: of the study.
        prune: the pruner, which ends trials at rungs; None for no pruning.
    """

    def __init__(self, ledger: Ledger, prune: SynchronousPruner | None) -> None:
        super().__init__(ledger)
        self._prune = prune

    def batches(self) -> Iterator[int]:
        """Without a pruner, those that the user enqueued come first, as no result depends on it."""
        state = self.ledger.state
        firsts = accumulate(map(len, state.batches), initial=0)
        enqueued = [number for number, first in enumerate(firsts) if first in state.enqueued]
        return chain(enqueued if self._prune is None else (), super().batches())

    def train(self, batch: Trials) -> Iterator[Job | None]:
        """Rung by rung; the rungs of all brackets run at the same time."""
        epochs, prune = self.ledger.plan.epochs, self._prune
        brackets: dict[int, Trials] = {}
        for trial, suggestion in batch.items():
            number = 0 if prune is None else prune.bracket(trial, epochs)
            brackets.setdefault(number, {})[trial] = suggestion
        rungs = {
            number: [*([] if prune is None else prune.rungs(epochs, number)), 0]
            for number in sorted(brackets)
        }
        for place in range(max(map(len, rungs.values()))):
            here = {number: each[place] for number, each in rungs.items() if place < len(each)}
            jobs = [
                Job(trial, repeat, rung)
                for number, rung in here.items()
                for trial in brackets[number]
                for repeat in range(self.ledger.plan.sweep.repeats)
            ]
            new = any(job not in self.ledger.state.outcomes for job in jobs)
            yield from self.stage(jobs, batch)
            ended = []
            for number, rung in here.items():
                if rung:
                    brackets[number], gone = self._survivors(batch, brackets[number], number, rung)
                else:
                    gone = list(brackets[number])
                ended += gone
            if new:
                self.announce(ended)

    def _survivors(
        self, batch: Trials, alive: Trials, bracket: int, epochs: int
    ) -> tuple[Trials, list[int]]:
        """The trials that continue after a rung, and those that have ended there."""
        assert self._prune is not None
        ledger, end = self.ledger, self.ledger.plan.epochs
        rivals = [n for n in self.before(batch) if self._prune.bracket(n, end) == bracket]
        reached = ledger.values([*rivals, *alive], epochs)
        values = {trial: value for trial, value in reached.items() if trial in alive}
        before = [value for trial, value in reached.items() if trial not in alive]
        survivors = set(self._prune.survivors(values, before))
        # A trial that a shorter study continued has been trained further, and is kept.
        kept = {job.trial for job in ledger.state.outcomes if not 0 < job.epochs <= epochs}
        survivors |= kept & values.keys()
        self.promote(survivors & ledger.state.pruned.keys(), epochs)
        pruned = [trial for trial in values if trial not in survivors]
        if any(trial not in ledger.state.pruned for trial in pruned):
            ledger.record({"event": "pruned", "trials": pruned, "epochs": epochs})
        ended = [trial for trial in alive if trial not in survivors]
        return {trial: alive[trial] for trial in alive if trial in survivors}, ended
