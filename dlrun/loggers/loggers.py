"""All loggers of a run."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from dlrun.loggers.base import Logger
from dlrun.loggers.delivery import Delivery
from dlrun.loggers.messages import Message, Run
from dlrun.loggers.record import Record

PATIENCE = 60.0
"""Seconds to wait at the end of a run for everything to be delivered."""
NOTICE = 1.0
"""Seconds of that after which a line names the loggers."""
LONGEST = 300.0
"""The same with the time in which other programs have the processors."""


class Loggers:
    """Delivers messages to the loggers of a run, each on a thread; no error leaves this class.

    Args:
        loggers: as the spec describes them.
        run: what is logged.
        path: of ``loggers.json``.
    """

    def __init__(self, loggers: Sequence[Logger], run: Run, path: Path) -> None:
        self._warnings: deque[str] = deque()
        self._record = Record(path)
        if self._record.broken:
            self._warnings.append(self._record.broken)
        self._deliveries = [
            Delivery(each, run, self._record, partial(self._warn, each.kind)) for each in loggers
        ]

    def put(self, message: Message) -> None:
        """Deliver a message to all loggers soon; returns at once."""
        for each in self._deliveries:
            each.put(message)

    def warnings(self) -> list[str]:
        """New warnings, one line each; at most one for each logger and run."""
        return [self._warnings.popleft() for _ in range(len(self._warnings))]

    def close(
        self, patience: float | None = None, tell: Callable[[str], None] | None = None
    ) -> None:
        """Wait for everything to be delivered, then switch off; a second call has no effect.

        Args:
            patience: seconds to wait, for all loggers together; None: ``PATIENCE``, and up to
                ``LONGEST`` while other programs have the processors.
            tell: called with a line for the user if the wait is longer than a moment.
        """
        for each in self._deliveries:
            each.put(None)
        now = time.monotonic()
        deadline = now + (PATIENCE if patience is None else patience)
        latest = now + LONGEST if patience is None else deadline
        names = ", ".join(each.kind for each in self._deliveries if each.runs(now + NOTICE))
        if names and tell is not None:
            tell(f"waiting for {names} to store the log; the training has ended")
        for each in self._deliveries:
            each.wait(deadline, latest)
        self._deliveries = []
        self._record.close()

    def _warn(self, logger: str, why: str) -> None:
        self._warnings.append(f"log: {logger} is switched off for this run: {why}")
