"""Asynchronous scheduling: a free worker never waits; results depend on the order of ends."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dlrun.errors import DataError
from dlrun.search.pruners.base import PromotingPruner, StoppingPruner
from dlrun.study.events import TrialEnded
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.base import Scheduler, as_waiting
from dlrun.study.store.job import Job
from dlrun.study.suggest import suggest


class Flow(Scheduler):
    """Starts, in this order, a missing run, a run that is promoted, or a new trial.

    The sampler is asked for one trial at a time, and gets the trials in progress.

    Args:
        ledger: of the study.
        prune: the pruner, which ends trials; None for no pruning.
    """

    def __init__(self, ledger: Ledger, prune: PromotingPruner | StoppingPruner | None) -> None:
        super().__init__(ledger)
        self._prune = prune
        rungs = () if prune is None else prune.stages(ledger.plan.epochs)
        self._rungs = [*rungs, 0]
        self._curves: dict[Job, Sequence[float]] = {}
        self._exhausted = False
        self._announced = {each.number for each in ledger.trials() if each.status != "unfinished"}

    def next(self, running: Collection[Job]) -> Job | None:
        """The first missing run, after promoting a trial or starting one if there is none."""
        self._announce()
        if (job := self._missing(running)) is not None:
            return job
        if self._promote() or self._begin() or (not running and self._finish()):
            return self._missing(running)
        if not running:
            self.prune_waiting(self._rungs[0])
            self._announce()
        return None

    def continues(self, job: Job, curve: Sequence[float]) -> bool:
        """The pruner's decision, one for all runs of a trial."""
        if not isinstance(self._prune, StoppingPruner):
            return True
        if job.trial in self.ledger.state.pruned:  # by another run, or before an interruption
            return len(curve) < self.ledger.state.pruned[job.trial]
        others = [each for other, each in self._ended() if other.repeat == job.repeat]
        if not self._prune.stops(curve, others):
            return True
        self.ledger.record({"event": "pruned", "trials": [job.trial], "epochs": len(curve)})
        return False

    def _announce(self) -> None:
        """Add one event for every trial that has ended."""
        for each in self.ledger.trials():
            if each.status != "unfinished" and each.number not in self._announced:
                self._announced.add(each.number)
                self.events.append(TrialEnded(each))
                self._exhausted &= self.ledger.conclusion is None  # a rule may change its mind

    def _missing(self, running: Collection[Job]) -> Job | None:
        """A run that a trial needs and that is neither in progress nor ended."""
        state, repeats = self.ledger.state, self.ledger.plan.sweep.repeats
        for trial in self.ledger.trials():
            if trial.status in ("failed", "pruned", "infeasible", "forgotten"):
                continue
            epochs = state.promoted.get(trial.number, self._rungs[0])
            for repeat in range(repeats):
                job = Job(trial.number, repeat, epochs)
                if job not in state.outcomes and job not in running:
                    return job
        return None

    def _promote(self) -> bool:
        """Continue a trial, from the highest rung at which one is good enough."""
        if not isinstance(self._prune, PromotingPruner):
            return False
        promoted = self.ledger.state.promoted
        trials = self.ledger.trials()  # it may be fewer than before
        requested = [each.number for each in trials if each.status != "infeasible"]
        for place in range(len(self._rungs) - 2, -1, -1):
            values = self.ledger.values(requested, self._rungs[place])
            beyond = self._rungs[place + 1 :]
            gone = [number for number, epochs in promoted.items() if epochs in beyond]
            trial = self._prune.promoted(values, gone)
            if trial is not None:
                self._continue(trial, self._rungs[place + 1])
                return True
        return False

    def _begin(self) -> bool:
        """Start a new trial, if one is left."""
        limit = self.ledger.plan.trials
        if self._exhausted or (limit is not None and self.ledger.state.drawn >= limit):
            return False
        past, pending = [], []
        for trial in self.ledger.trials():
            if trial.status == "forgotten":
                continue
            if trial.values or trial.status in ("failed", "infeasible"):
                past.append(trial)
            else:
                pending.append(trial.suggestion)
        if isinstance(self._prune, PromotingPruner):
            past = as_waiting(past)
        self._exhausted = not suggest(self.ledger, past, pending, 1)
        return not self._exhausted

    def _finish(self) -> bool:
        """Train the best trial to its end if the study would otherwise end without such a trial.

        With few trials, none is among the best 1/factor at every rung.
        """
        found = self.ledger.trials()
        if not isinstance(self._prune, PromotingPruner):
            return False
        if any(each.status == "completed" for each in found):
            return False
        left_out = ("failed", "infeasible", "forgotten")
        waiting = {each.number for each in found if each.values and each.status not in left_out}
        for place in range(len(self._rungs) - 2, -1, -1):
            values = self.ledger.values(sorted(waiting), self._rungs[place])
            if values:
                trial = min(values, key=lambda number: (values[number], number))
                self._continue(trial, self._rungs[place + 1])
                return True
        return False

    def _continue(self, trial: int, epochs: int) -> None:
        self.ledger.record({"event": "promoted", "trial": trial, "epochs": epochs})
        self._announced.discard(trial)

    def _ended(self) -> Iterator[tuple[Job, Sequence[float]]]:
        """The curves of completed runs; lower is better."""
        state, objective = self.ledger.state, self.ledger.plan.sweep.goal
        for job, outcome in state.outcomes.items():
            left_out = (state.pruned, state.infeasible, state.forgotten)
            if outcome.status != "completed" or any(job.trial in each for each in left_out):
                continue
            if job not in self._curves:
                try:
                    metrics = self.ledger.directory.run(outcome.directory).metrics()
                except DataError:  # it was removed; the scores are in the journal
                    metrics = {}
                values = metrics.get(objective.score, [])
                self._curves[job] = [objective.sign * each for each in values]
            if self._curves[job]:
                yield job, self._curves[job]
