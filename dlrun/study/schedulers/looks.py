"""Looks: seeds of all trials are trained in stages, until all claims are decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

from dlrun.quantities import count
from dlrun.study.batches import batch_size
from dlrun.study.events import Looked
from dlrun.study.results.tested import look, verdicts
from dlrun.study.schedulers.staged import Staged, Trials
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import Job
from dlrun.study.store.look import Look
from dlrun.study.suggest import suggest


class Looks(Staged):
    """Trains all trials with the seeds of a look, tests the claims, and so on.

    A look is recorded before the next seed is trained, so a study that was killed has no other
    looks than one that was not.
    """

    def jobs(self) -> Iterator[Job | None]:
        """The runs up to each look, with None before it."""
        trials, before = self._suggested(), 0
        for seeds in self.ledger.plan.sweep.schedule:
            failed = self._failed(before)
            alive = [trial for trial in trials if trial not in failed]
            jobs = [Job(trial, repeat) for trial in alive for repeat in range(before, seeds)]
            yield from self.stage(jobs, trials)
            if not self._look(seeds, trials).open:
                return
            before = seeds

    def _suggested(self) -> Trials:
        """All trials of the study, which is a grid, and so does not learn from results."""
        ledger, state = self.ledger, self.ledger.state
        known = set(state.skipped)
        while True:
            trials = [trial for trial in ledger.trials() if trial.status != "forgotten"]
            past = [trial for trial in trials if trial.ended]
            pending = [trial.suggestion for trial in trials if not trial.ended]
            if not suggest(ledger, past, pending, batch_size(ledger)):
                break
        self.announce(state.skipped - known)
        left_out = state.skipped | state.forgotten
        return {number: each for number, each in state.trials() if number not in left_out}

    def _failed(self, seeds: int) -> set[int]:
        """The trials of which one of the first runs failed."""
        outcomes = self.ledger.state.outcomes.items()
        return {job.trial for job, end in outcomes if end.status == "failed" and job.repeat < seeds}

    def _look(self, seeds: int, trials: Trials) -> Look:
        """Look at the claims after so many seeds, unless that is recorded already."""
        ledger, planned = self.ledger, self.ledger.plan.sweep.repeats
        known = [each for each in ledger.state.looks if each.repeats == seeds]
        found = known[0] if known else look(ledger.plan, ledger.state, seeds)
        if not known:
            ledger.look(found)
            self.events.append(Looked(planned=planned, **asdict(found)))
            if not found.open:
                self.announce(trials)
        if not found.open and seeds < planned:
            saved, whole = (planned - seeds) * len(trials), planned * len(trials)
            what = f"{self._decided()} after {seeds} of {count(planned, 'seed')}"
            saves = f"{saved:,} of {count(whole, 'run')} were not needed"
            ledger.conclusion = Conclusion("looks", f"{what}; {saves}" if trials else what)
        return found

    def _decided(self) -> str:
        """What is known of the claims once none is open: those without pairs stay undecided."""
        compared = [each.pairs > 0 for each in verdicts(self.ledger.plan, self.ledger.state)]
        if all(compared):
            return "all claims are decided"
        if any(compared):
            return "all claims that have pairs of trials are decided"
        return "no claim has a pair of trials to compare"
