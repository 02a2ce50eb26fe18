"""Every free worker gets a run at once: nobody waits, and results depend on who came first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from dlrun.errors import DataError
from dlrun.search.pruners.base import PromotingPruner, StoppingPruner
from dlrun.study.events import TrialEnded
from dlrun.study.ledger import Ledger
from dlrun.study.schedulers.base import Schedule
from dlrun.study.store.job import Job


class Flow(Schedule):
    """What was begun is finished, who has earned it goes on, and else a new trial begins.

    The sampler is asked for one trial at a time, and knows those that are under way.

    Args:
        ledger: of the study.
        prune: what ends trials; None is nothing.
    """

    def __init__(self, ledger: Ledger, prune: PromotingPruner | StoppingPruner | None) -> None:
        super().__init__(ledger)
        self._prune = prune
        epochs = ledger.plan.epochs
        halts = prune.rungs(epochs) if isinstance(prune, PromotingPruner) else ()
        self._rungs = [*halts, 0]
        self._curves: dict[Job, Sequence[float]] = {}
        self._exhausted = False
        self._told = {each.number for each in ledger.trials() if each.status != "unfinished"}

    def next(self, running: Collection[Job]) -> Job | None:
        """The first run that is missing, or that a promotion or a new trial brings."""
        self._tell()
        if (job := self._missing(running)) is not None:
            return job
        if self._promote() or self._begin() or (not running and self._finish()):
            return self._missing(running)
        if not running:
            self._settle()
        return None

    def goes_on(self, job: Job, curve: Sequence[float]) -> bool:
        """What the pruner says, once for all runs of a trial."""
        if not isinstance(self._prune, StoppingPruner):
            return True
        if job.trial in self.ledger.state.pruned:  # by another run, or before an interruption
            return len(curve) < self.ledger.state.pruned[job.trial]
        others = [each for other, each in self._ended() if other.repeat == job.repeat]
        if not self._prune.stops(curve, others):
            return True
        self.ledger.record({"event": "pruned", "trials": [job.trial], "epochs": len(curve)})
        return False

    def _tell(self) -> None:
        """Say once of every trial that it has ended."""
        for each in self.ledger.trials():
            if each.status != "unfinished" and each.number not in self._told:
                self._told.add(each.number)
                self.said.append(TrialEnded(each))

    def _missing(self, running: Collection[Job]) -> Job | None:
        """A run that a trial wants and that neither is under way nor has ended."""
        state, repeats = self.ledger.state, self.ledger.plan.sweep.repeats
        for trial in self.ledger.trials():
            if trial.status in ("failed", "pruned"):
                continue
            epochs = state.promoted.get(trial.number, self._rungs[0])
            for repeat in range(repeats):
                job = Job(trial.number, repeat, epochs)
                if job not in state.outcomes and job not in running:
                    return job
        return None

    def _promote(self) -> bool:
        """Let a trial go on from the highest rung where one has earned it."""
        if not isinstance(self._prune, PromotingPruner):
            return False
        promoted = self.ledger.state.promoted
        for place in range(len(self._rungs) - 2, -1, -1):
            values = self.ledger.values(range(self.ledger.state.size), self._rungs[place])
            beyond = self._rungs[place + 1 :]
            gone = [number for number, epochs in promoted.items() if epochs in beyond]
            trial = self._prune.promoted(values, gone)
            if trial is not None:
                self._go_on(trial, self._rungs[place + 1])
                return True
        return False

    def _begin(self) -> bool:
        """Begin a new trial, if there is to be one."""
        limit = self.ledger.plan.trials
        if self._exhausted or (limit is not None and self.ledger.state.size >= limit):
            return False
        past, pending = [], []
        for trial in self.ledger.trials():
            if trial.values or trial.status == "failed":
                past.append(trial)
            else:
                pending.append(trial.suggestion)
        self._exhausted = not self.ledger.suggest(past, pending, 1)
        return not self._exhausted

    def _finish(self) -> bool:
        """Let the best trial go on to its end where the study would else end without one.

        With few trials, no trial is among the best 1/factor of every rung.
        """
        found = self.ledger.trials()
        if not isinstance(self._prune, PromotingPruner):
            return False
        if any(each.status == "completed" for each in found):
            return False
        waiting = {each.number for each in found if each.values}
        for place in range(len(self._rungs) - 2, -1, -1):
            values = self.ledger.values(sorted(waiting), self._rungs[place])
            if values:
                trial = min(values, key=lambda number: (values[number], number))
                self._go_on(trial, self._rungs[place + 1])
                return True
        return False

    def _go_on(self, trial: int, epochs: int) -> None:
        self.ledger.record({"event": "promoted", "trial": trial, "epochs": epochs})
        self._told.discard(trial)

    def _settle(self) -> None:
        """Whoever still waits at a rung, as the study is over, is pruned there."""
        state = self.ledger.state
        by_rung: dict[int, list[int]] = {}
        for trial in self.ledger.trials():
            if trial.status == "unfinished":
                rung = state.promoted.get(trial.number, self._rungs[0])
                by_rung.setdefault(rung, []).append(trial.number)
        for rung, numbers in by_rung.items():
            self.ledger.record({"event": "pruned", "trials": numbers, "epochs": rung})
        self._tell()

    def _ended(self) -> Iterator[tuple[Job, Sequence[float]]]:
        """The curves of runs that came to their end, less is better."""
        state, objective = self.ledger.state, self.ledger.plan.sweep.goal
        for job, outcome in state.outcomes.items():
            if outcome.status != "completed" or job.trial in state.pruned:
                continue
            if job not in self._curves:
                try:
                    metrics = self.ledger.directory.run(outcome.directory).metrics()
                except DataError:  # somebody removed it; the scores are in the journal
                    metrics = {}
                values = metrics.get(objective.score, [])
                self._curves[job] = [objective.sign * each for each in values]
            if self._curves[job]:
                yield job, self._curves[job]
