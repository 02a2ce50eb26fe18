"""The time that a study has used, of the time that its budget allows."""

from __future__ import annotations

import time
from collections.abc import Callable

from dlrun.study.ledger import Ledger

_SLICES = 200
_LONGEST = 30.0
"""Seconds of a slice, at most: what a study loses of its time when it is killed."""


class Clock:
    """Counts the time of all sessions of a study, in its journal.

    Time is recorded in slices before it is used, and what is left of the last slice is returned
    at the end.  So a study that is killed and resumed never gets more than its budget.

    Args:
        ledger: of the study.
        now: seconds of a clock.

    Attributes:
        limit: seconds that the study may use; None for any number, and nothing is recorded.
    """

    def __init__(self, ledger: Ledger, now: Callable[[], float] = time.monotonic) -> None:
        budget = ledger.plan.sweep.budget
        self.limit = None if budget is None else budget.time
        self._ledger, self._now = ledger, now
        self._before, self._began = ledger.state.seconds, now()

    @property
    def left(self) -> float:
        """Seconds that are left; infinity without a limit."""
        if self.limit is None:
            return float("inf")
        return self.limit - self._spent

    @property
    def _spent(self) -> float:
        return self._before + self._now() - self._began

    def tick(self) -> None:
        """Record the next slice if the last one is used up; called often."""
        if self.limit is None or self.left <= 0 or self._spent < self._ledger.state.seconds:
            return
        ahead = self._spent + min(self.limit / _SLICES, _LONGEST)
        self._record(min(ahead, self.limit))

    def close(self) -> None:
        """Record how much of the budget is used."""
        if self.limit is not None and self._spent != self._ledger.state.seconds:
            self._record(self._spent)

    def _record(self, seconds: float) -> None:
        self._ledger.record({"event": "time", "seconds": round(seconds, 3)})
