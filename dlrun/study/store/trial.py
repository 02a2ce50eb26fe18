"""A trial and its results."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from dlrun.intervals import Estimate
from dlrun.search.suggestion import Suggestion
from dlrun.study.store.job import JobOutcome

TrialStatus = Literal[
    "completed", "eliminated", "pruned", "infeasible", "failed", "forgotten", "unfinished"
]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial and its results.

    Attributes:
        number: from 0.
        suggestion: its values.
        status: ``failed`` if any of its runs failed; ``infeasible`` if it does not meet the limits
            of the sweep, with or without having been trained; ``eliminated`` if it is not repeated
            any more because it cannot be the best; ``forgotten`` if it does not count, by the
            user's wish.
        runs: outcomes of its runs at the last rung that every repeat has reached.
        scores: one row per objective, with the score of each repeat as reported; empty if there
            are none.
        reason: why it failed or is infeasible.
        estimates: the mean of each objective over the repeats, with its interval; empty without
            scores of all objectives.
        expected: the value of each objective that is expected at the end of the training, which is
            the mean for a completed trial; empty without scores, and if they do not count.
    """

    number: int
    suggestion: Suggestion
    status: TrialStatus
    runs: tuple[JobOutcome, ...]
    scores: tuple[tuple[float, ...], ...]
    reason: str
    estimates: tuple[Estimate, ...] = ()
    expected: tuple[float, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether it counts, and nothing is left to be trained."""
        return self.status not in ("unfinished", "forgotten")

    @property
    def skipped(self) -> bool:
        """Whether it was not trained, because its costs do not meet the limits."""
        return self.status == "infeasible" and not self.runs

    @property
    def values(self) -> tuple[float, ...]:
        """Scores of the first objective."""
        return self.scores[0] if self.scores else ()

    @property
    def estimate(self) -> Estimate | None:
        """The mean of the first objective over the repeats; None without scores."""
        return self.estimates[0] if self.estimates else None

    @property
    def means(self) -> dict[str, float]:
        """The mean of each score that all of its runs have, without those of the test set."""
        found = {}
        for name in self.runs[0].scores if self.runs and self.scores else ():
            values = [run.scores.get(name) for run in self.runs]  # the user may report others
            known = [value for value in values if value is not None]
            if len(known) == len(values) and "test." not in name:
                found[name] = math.fsum(known) / len(known)
        return found

    @property
    def epochs(self) -> int:
        """Epochs of its longest run."""
        return max((run.epochs for run in self.runs), default=0)
