"""The request to stop, from outside or from the clock, that the loop asks after every step."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dlrun.runs.ending import Ending

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)

RESUMABLE = 75
"""The exit code of what is stored and was stopped: the same command resumes it."""


class Stop:
    """Why training should end now, if it should.

    Attributes:
        received: the signal that asked for it; None is no signal.
        halted: how it ends where whoever reads the events wants no more; None where they do.
        heeded: whether somebody asks yet; until then, a signal ends the process.
    """

    def __init__(self, max_time: float | None = None) -> None:
        self.received: signal.Signals | None = None
        self.halted: Ending | None = None
        self.heeded = True
        self.limit(max_time)

    def limit(self, max_time: float | None) -> None:
        """Stop after so many seconds from now; None sets no limit."""
        self.max_time = max_time
        self._deadline = None if max_time is None else time.monotonic() + max_time

    def __bool__(self) -> bool:
        """Whether to stop behind this step."""
        return self.received is not None or self.halted is not None or self.out_of_time

    @property
    def ending(self) -> Ending:
        """How a training ends that stops now: a signal counts first, then ``halted``, then time."""
        if self.received is not None:
            return Ending("signal", int(self.received))
        return self.halted or Ending("max_time", self.max_time)

    @property
    def out_of_time(self) -> bool:
        """Whether ``max_time`` is over."""
        return self._deadline is not None and time.monotonic() >= self._deadline


@contextmanager
def held_back() -> Iterator[None]:
    """Within, processes are started whose signals wait until they call ``let_through``.

    So that none of them comes too early: while Python starts, nothing could act on it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_through() -> None:
    """Let the signals come that ``held_back`` kept from this process."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextmanager
def signals(stop: Stop, *, resumable: bool = True) -> Iterator[None]:
    """Within, the first SIGHUP, SIGINT, SIGTERM or SIGUSR1 asks ``stop`` to end training.

    A second one raises SystemExit, which gives the terminal back and ends the process at once.  So
    does the first as long as nobody heeds ``stop``: nothing has happened yet that could be lost.  A
    signal that is ignored, as nohup ignores SIGHUP, stays so.

    Args:
        stop: the request.
        resumable: whether the same command continues what it began; this makes the exit code of a
            signal that nobody heeds 75 instead of 128 plus its number.
    """

    def handle(number: int, frame: FrameType | None) -> None:
        if stop.received is not None:
            raise SystemExit(128 + number)
        stop.received = signal.Signals(number)
        if not stop.heeded:
            raise SystemExit(RESUMABLE if resumable else 128 + number)

    heeded = [each for each in _SIGNALS if signal.getsignal(each) != signal.SIG_IGN]
    before = {each: signal.signal(each, handle) for each in heeded}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
