"""Batches whose trials are repeated as long as they may win."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dlrun.study.schedulers.contenders import contenders
from dlrun.study.schedulers.staged import Staged, Trials
from dlrun.study.store.job import Job

_FEWEST = 2
"""Seeds below which differences have no interval."""


class Race(Staged):
    """One seed of all trials of a batch, another one, and then of those alone that may win."""

    def train(self, batch: Trials) -> Iterator[Job | None]:
        """Seed by seed; who is out is out, whatever becomes of the best."""
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
                rivals = self._values(range(max(batch) + 1), done)
                step = ledger.state.scale(ledger.plan.sweep.goal.score).step
                # What a shorter race let go on is repeated, and stays so.
                gone = {job.trial for job in ledger.state.outcomes if job.repeat >= done}
                go_on = gone.union(contenders(field, rivals, repeats - _FEWEST, step))
                alive = [trial for trial in field if trial in go_on]
                self.back(ledger.state.eliminated.keys() & alive, 0)
                out = [trial for trial in field if trial not in alive]
                if any(trial not in ledger.state.eliminated for trial in out):
                    ledger.record({"event": "eliminated", "trials": out, "repeats": done})
                ended += out
            if new:
                self.tell(ended)

    def _values(self, numbers: Iterable[int], seeds: int) -> dict[int, list[float]]:
        """The values of trials with the first so many seeds, where they have all of them."""
        goal, outcomes = self.ledger.plan.sweep.goal, self.ledger.state.outcomes
        found = {}
        for number in numbers:
            runs = [outcomes.get(Job(number, repeat)) for repeat in range(seeds)]
            known = [goal.of(run.scores) for run in runs if run is not None]
            values = [goal.sign * value for value in known if value is not None]
            if len(values) == seeds:
                found[number] = values
        return found
