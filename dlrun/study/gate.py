"""Whether the limits of a study let its next run start."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace

from dlrun.quantities import count, duration
from dlrun.study.ledger import Ledger
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.sweep.sweep import Sweep


class Gate:
    """Decides, in the order in which the scheduler asks for runs, which of them may start.

    The runs in progress count with all epochs that they may need, and those that have ended with
    what they trained, even if their trial is trained again.  A run that does not fit waits for the
    runs in progress, which may use less.  So the last run of a study does not depend on the number
    of workers.

    Args:
        ledger: of the study.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._sweep, self._state = ledger.plan.sweep, ledger.state
        self._whole: dict[int, int] = {}  # epochs by trial

    def closed(self, job: Job, running: Collection[Job], left: float) -> Conclusion | None:
        """Why a run cannot start now; None if it can.

        Args:
            job: the run.
            running: runs in progress; without any, the study ends for this reason.
            left: seconds of the budget, which may be infinite.
        """
        return self._failed() or self._of_epochs(job, running) or self._of_time(job, left)

    def conclude(self) -> None:
        """Record the limit or rule that ended the study, once no run is left to start."""
        ledger = self._ledger
        ledger.conclusion = ledger.conclusion or self._failed() or self._of_trials()
        ledger.conclude()

    def _of_trials(self) -> Conclusion | None:
        budget = self._sweep.budget
        if budget is None or budget.trials is None or self._state.drawn < budget.trials:
            return None
        return Conclusion("budget.trials", f"{count(budget.trials, 'trial')} used")

    def _failed(self) -> Conclusion | None:
        if not self._sweep.fail_fast:
            return None
        failed = [
            job
            for job, each in self._state.outcomes.items()
            if each.status == "failed" and job.trial not in self._state.forgotten
        ]
        if not failed:
            return None
        first = min(failed)
        reason = self._state.outcomes[first].reason
        return Conclusion("fail_fast", f"trial {first.trial} failed: {reason}")

    def _of_epochs(self, job: Job, running: Collection[Job]) -> Conclusion | None:
        budget = self._sweep.budget
        if budget is None or budget.epochs is None:
            return None
        trained = self.trained()
        used = self.used() + sum(self._planned(each, trained) for each in running)
        needed = sum(self._planned(each, trained) for each in self._together(job, running))
        if used + needed <= budget.epochs:
            return None
        return Conclusion(
            "budget.epochs",
            f"{used:,} of {count(budget.epochs, 'epoch')} used, and trial {job.trial} needs "
            f"{needed:,} more",
        )

    def _together(self, job: Job, running: Collection[Job]) -> list[Job]:
        """A run and the later ones of its trial that are still to start.

        All runs of a trial start, or none, unless each decides about the next ones.
        """
        if self._sweep.decides_by_seed:
            return [job]
        later = [replace(job, repeat=n) for n in range(job.repeat + 1, self._sweep.repeats)]
        # An interruption may have left a gap before runs that have ended, or are in progress again.
        return [job, *(n for n in later if n not in running and n not in self._state.outcomes)]

    def _of_time(self, job: Job, left: float) -> Conclusion | None:
        if left == math.inf:
            return None
        if left > 0 and self._pace() * self._planned(job, self.trained()) <= left:
            return None
        return out_of_time(self._sweep)

    def used(self) -> int:
        """Epochs of all runs together, also of those that were replaced by others."""
        forks = self._state.forks
        shared = {trial: fork.epochs for trial, fork in forks.items()}  # the parent trained them
        before = [self._trained(outcomes) for outcomes in self._state.replaced]
        return sum(
            max(0, epochs - shared.get(trial, 0))
            for each in [*before, self.trained()]
            for (trial, _), epochs in each.items()
        )

    def trained(self) -> dict[tuple[int, int], int]:
        """Epochs of each run that has trained any, by trial and repeat."""
        return self._trained(self._state.outcomes)

    def _trained(self, outcomes: Mapping[Job, JobOutcome]) -> dict[tuple[int, int], int]:
        found: dict[tuple[int, int], int] = {}
        for job, outcome in outcomes.items():
            run = (job.trial, job.repeat)
            found[run] = max(found.get(run, 0), self._epochs(job, outcome))
        return found

    def _epochs(self, job: Job, outcome: JobOutcome) -> int:
        """Epochs that a run trained; those it was to train if only its score was reported."""
        known = outcome.epochs or outcome.directory or outcome.status == "failed"
        return outcome.epochs if known else self._target(job)

    def _target(self, job: Job) -> int:
        """The last epoch of a run, counted from its start."""
        if job.epochs:
            return job.epochs
        if job.trial not in self._whole:
            self._whole[job.trial] = self._ledger.plan.epochs_of(self._state.suggestion(job.trial))
        return self._whole[job.trial]

    def _planned(self, job: Job, trained: Mapping[tuple[int, int], int]) -> int:
        """Epochs that a run has still to train, at most."""
        fork = self._state.forks.get(job.trial)
        shared = 0 if fork is None else fork.epochs
        return max(0, self._target(job) - max(shared, trained.get((job.trial, job.repeat), 0)))

    def _pace(self) -> float:
        """Mean seconds of an epoch of the runs so far; 0 before any has ended."""
        last: dict[tuple[int, int], JobOutcome] = {}
        for job, outcome in self._state.outcomes.items():
            last[job.trial, job.repeat] = outcome  # whose time includes that of earlier rungs
        epochs = sum(each.epochs for each in last.values())
        return sum(each.seconds for each in last.values()) / epochs if epochs else 0.0


def out_of_time(sweep: Sweep) -> Conclusion:
    """The end of a study whose time does not suffice for another run."""
    assert sweep.budget is not None and sweep.budget.time is not None
    return Conclusion("budget.time", f"{duration(sweep.budget.time)} used")
