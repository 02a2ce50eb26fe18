"""The request to stop, by a signal or a time limit, which the loop checks after every step."""

from __future__ import annotations

import signal
import time

from dlrun.run_directory.ending import Ending

RESUMABLE = 75
"""The exit code of a program that was stopped after saving; the same command resumes it."""


class Stop:
    """Why training should end now, if it should.

    Attributes:
        received: the signal that asked for it; None without one.
        halted: how training ends if the consumer of events asked for it; None otherwise.
        heeded: whether the loop checks it already; until then, a signal ends the process.
    """

    def __init__(self, max_time: float | None = None) -> None:
        self.received: signal.Signals | None = None
        self.halted: Ending | None = None
        self.heeded = True
        self.limit(max_time)

    def limit(self, max_time: float | None, spent: float = 0.0) -> None:
        """Set the time limit.

        Args:
            max_time: in seconds; None sets no limit.
            spent: seconds of it that are over already.
        """
        self.max_time = max_time
        self._deadline = None if max_time is None else time.monotonic() + max_time - spent

    def __bool__(self) -> bool:
        """Whether to stop after this step."""
        return self.received is not None or self.halted is not None or self.out_of_time

    @property
    def ending(self) -> Ending:
        """How training ends if it stops now: signal, else ``halted``, else time limit."""
        if self.received is not None:
            return Ending("signal", int(self.received))
        return self.halted or Ending("max_time", self.max_time)

    @property
    def out_of_time(self) -> bool:
        """Whether ``max_time`` is over."""
        return self._deadline is not None and time.monotonic() >= self._deadline
