"""Child processes: they heed signals, however the tests themselves were started, and end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ASKING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)


def heeding() -> None:
    """Give the process the default of every signal that asks it to end; a ``preexec_fn``.

    A shell ignores SIGINT for what it starts in the background, and nohup ignores SIGHUP; both are
    inherited, and dlrun rightly leaves them so.
    """
    for number in ASKING:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ASKING)


@contextmanager
def heeded() -> Iterator[None]:
    """Within, this process has Python's own handlers of these signals."""
    before = {number: signal.getsignal(number) for number in ASKING}
    for number in ASKING:
        default = signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL
        signal.signal(number, default)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def until_ended(number: int) -> None:
    """Wait until a process has ended, even if nobody has asked how.

    Raises:
        TimeoutError: it still runs after a minute.
    """
    line, limit = Path(f"/proc/{number}/cmdline"), time.monotonic() + 60
    while time.monotonic() < limit:
        try:
            if not line.read_bytes():
                return
        except OSError:
            return
        time.sleep(0.05)
    raise TimeoutError(f"process {number} still runs")
