"""Signals that ask a training to stop, and when they are handled."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dlrun.training.stop import RESUMABLE, Stop

_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


@contextmanager
def held_back() -> Iterator[None]:
    """Block signals for processes that are started within, until they call ``let_through``.

    While Python starts, a signal could not be handled.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def let_through() -> None:
    """Deliver the signals that ``held_back`` blocked for this process."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)


@contextmanager
def signals(stop: Stop, *, resumable: bool = True) -> Iterator[None]:
    """Within, the first SIGHUP, SIGINT, SIGTERM or SIGUSR1 asks ``stop`` to end training.

    A second one raises SystemExit, which restores the terminal and ends the process at once.  So
    does the first one while ``stop`` is not heeded, since nothing can be lost yet.  A signal that
    is ignored, such as SIGHUP under nohup, stays ignored.

    Args:
        stop: the request.
        resumable: whether the same command continues the work; the exit code of a signal that is
            not heeded is then 75 instead of 128 plus its number.
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
