"""Racing: trials of a batch are repeated while they may still be the best."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dlrun.study.results.domination import Field
from dlrun.study.schedulers.contenders import contenders, front_contenders
from dlrun.study.schedulers.staged import Staged, Trials
from dlrun.study.store.job import Job
from dlrun.study.store.rungs import first_scores

_FEWEST = 2
"""Seeds below which differences have no interval."""


class Race(Staged):
    """Trains two seeds of all trials of a batch, and more of those that may still be the best.

    With several objectives, those that may still be on the Pareto front.
    """

    def train(self, batch: Trials) -> Iterator[Job | None]:
        """Seed by seed; an eliminated trial stays eliminated, even if the best one fails later."""
        ledger, repeats = self.ledger, self.ledger.plan.sweep.repeats
        alive = list(batch)
        for done in range(1, repeats + 1):
            jobs = [Job(trial, done - 1) for trial in alive]
            new = any(job not in ledger.state.outcomes for job in jobs)
            yield from self.stage(jobs, batch)
            field = self._values(alive, done)
            ended = [trial for trial in alive if trial not in field]
            alive = list(field)
            if done == repeats:
                ended += alive
            elif done >= _FEWEST and alive:
                rivals = self._values([*self.before(batch), *batch], done)
                # A trial that a shorter race kept has been repeated, and is kept.
                kept = {job.trial for job in ledger.state.outcomes if job.repeat >= done}
                survivors = kept.union(self._contenders(field, rivals))
                alive = [trial for trial in field if trial in survivors]
                self.promote(ledger.state.eliminated.keys() & alive, 0)
                out = [trial for trial in field if trial not in alive]
                if any(trial not in ledger.state.eliminated for trial in out):
                    ledger.record({"event": "eliminated", "trials": out, "repeats": done})
                ended += out
            if new:
                self.announce(ended)

    def _contenders(self, field: Iterable[int], rivals: Field) -> list[int]:
        """Those of ``field`` that may still be the best or, with several objectives, on the front.

        Args:
            field: trials of the batch.
            rivals: all trials with as many seeds.
        """
        sweep, state = self.ledger.plan.sweep, self.ledger.state
        looks = sweep.repeats - _FEWEST
        steps = [state.scale(goal.score).step for goal in sweep.goals]
        if len(steps) > 1:
            return front_contenders(list(field), rivals, looks, steps)
        only = {number: rows[0] for number, rows in rivals.items()}
        return contenders(list(field), only, looks, steps[0])

    def _values(self, numbers: Iterable[int], seeds: int) -> Field:
        """The values for the first seeds of those trials that count and have all of them."""
        state, goals = self.ledger.state, self.ledger.plan.sweep.goals
        found: dict[int, list[list[float]]] = {}
        for number in numbers:
            if number in state.forgotten:
                continue
            rows = [(goal, first_scores(state, number, goal, seeds)) for goal in goals]
            known = [[goal.sign * each for each in row] for goal, row in rows if row is not None]
            if len(known) == len(goals):
                found[number] = known
        return found
