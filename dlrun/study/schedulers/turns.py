"""Turns: the pruner chooses trials, all of them reach their next rung, and it chooses again."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from dlrun.arrays import Array
from dlrun.search.features import Features
from dlrun.search.pruners.base import ChoosingPruner, Curve
from dlrun.study.batches import batch_size
from dlrun.study.ledger import Ledger
from dlrun.study.rules import reached
from dlrun.study.schedulers.base import as_waiting
from dlrun.study.schedulers.staged import Staged
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import Job
from dlrun.study.store.trial import Trial
from dlrun.study.suggest import suggest


class Turns(Staged):
    """In each turn, the trials that the pruner chose train up to their next rung, in all repeats.

    A turn is one record, written before its first run, so a study that was killed ends the turn
    before the pruner chooses again.  A sampler that learns is asked for a batch when all trials
    have started.

    Args:
        ledger: of the study.
        prune: the pruner, which chooses the trials of each turn.
    """

    def __init__(self, ledger: Ledger, prune: ChoosingPruner) -> None:
        super().__init__(ledger)
        self._prune = prune
        self._rungs = [*prune.rungs(ledger.plan.epochs), 0]
        self._features = Features(ledger.plan.space)
        self._columns: dict[int, Array] = {}
        self._exhausted = False
        self._end: Conclusion | None = None

    def jobs(self) -> Iterator[Job | None]:
        """The runs of one turn after another, until no trial is worth more epochs."""
        repeats = self.ledger.plan.sweep.repeats
        while turn := self._begun() or self._next():
            jobs = [
                Job(trial, each, rung) for trial, rung in turn.items() for each in range(repeats)
            ]
            yield from self.stage(jobs, dict(self.ledger.state.trials()))
            ended = {each.number for each in self.ledger.trials() if each.ended}
            if ended := ended & turn.keys():
                self.announce(ended)
        waiting = [each.number for each in self.ledger.trials() if each.status == "unfinished"]
        self.prune_waiting(self._rungs[0])
        self.announce(waiting)

    def _begun(self) -> Mapping[int, int]:
        """The rest of a turn that was interrupted: rungs by trial."""
        state, repeats = self.ledger.state, self.ledger.plan.sweep.repeats
        requested = {each.number for each in self._trials()}  # it may be fewer than before
        return {
            trial: rung
            for trial, rung in sorted(state.promoted.items())  # as in the turn; the budget counts
            if trial in requested
            and any(Job(trial, each, rung) not in state.outcomes for each in range(repeats))
        }

    def _next(self) -> Mapping[int, int]:
        """The turn that the pruner chooses: rungs by trial; empty if the study has ended."""
        plan, state = self.ledger.plan, self.ledger.state
        ended = [each for each in as_waiting(self.ledger.trials()) if each.ended]
        self.ledger.conclusion = reached(plan, state.prior_trials, ended)
        if self.ledger.conclusion is None:
            curves = self._curves(self._suggested())
        else:  # only trials that the user has named are trained after a rule
            named = state.enqueued | state.rerun.keys()
            curves = {
                number: curve if number in named else replace(curve, waits=True)
                for number, curve in self._curves(self._trials()).items()
            }
        scale, sign = state.scale(plan.sweep.goal.score), plan.sweep.goal.sign
        bound = scale.low if sign > 0 else scale.high
        floor = None if bound is None else sign * bound
        chosen = self._prune.choose(list(curves.values()), plan.epochs, floor, scale.step)
        turn = {trial: self._rungs[len(curves[trial].values)] for trial in sorted(chosen)}
        if turn:
            rungs = list(turn.values())
            self.ledger.record({"event": "turn", "trials": list(turn), "epochs": rungs})
        elif self.ledger.conclusion is None:  # the search may have ended in an earlier turn
            self.ledger.conclusion = self._end
        return turn

    def _trials(self) -> list[Trial]:
        """The trials that count and can be trained."""
        found = self.ledger.trials()
        return [each for each in found if each.status != "forgotten" and not each.skipped]

    def _suggested(self) -> Sequence[Trial]:
        """The trials to choose from; more than before if all of those have started."""
        trials, state = self._trials(), self.ledger.state
        limit = self.ledger.plan.trials
        if self._exhausted or any(each.number not in state.promoted for each in trials):
            return trials
        if limit is None or state.drawn < limit:
            known = as_waiting(self.ledger.trials())
            counted = [each for each in known if each.status != "forgotten"]
            past = [
                each for each in counted if each.values or each.status in ("failed", "infeasible")
            ]
            before = set(state.skipped)
            self._exhausted = not suggest(self.ledger, past, [], batch_size(self.ledger))
            self._end = self.ledger.conclusion
            self.announce(state.skipped - before)
        return self._trials()

    def _curves(self, trials: Sequence[Trial]) -> Mapping[int, Curve]:
        numbers = [each.number for each in trials]
        at = [self.ledger.values(numbers, rung) for rung in self._rungs]
        new = [each for each in trials if each.number not in self._columns]
        if new:
            _, columns = self._features.of([each.suggestion for each in new])
            self._columns |= {each.number: row for each, row in zip(new, columns, strict=True)}
        found = {}
        for trial in trials:
            values = [here[trial.number] for here in at if trial.number in here]
            failed = trial.status in ("failed", "infeasible")
            if failed:
                values = [*values[: len(self._rungs) - 1], math.nan]
            ended = failed or len(values) == len(self._rungs)
            columns = self._columns[trial.number]
            found[trial.number] = Curve(trial.number, columns, values, ended)
        return found
