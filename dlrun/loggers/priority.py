"""The priority of a logger's process: below the training and everything else."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_LOWEST = 19


def give_way() -> None:
    """Give this process, and those that it starts, the highest niceness, and no terminal.

    Without a terminal no library can ask there for a password.  A separate session would do the
    same, but Linux divides the processors between sessions first (autogroups), so that niceness
    would have no effect on the training.
    """
    os.nice(_LOWEST)
    try:
        import fcntl
        import termios
    except ImportError:  # a system without terminals and sessions of this kind
        return
    with suppress(OSError):  # there is no terminal
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.ioctl(terminal, termios.TIOCNOTTY)
        finally:
            os.close(terminal)


def delayed(process: int) -> float:
    """Seconds in which a process could have continued and other programs had the processors.

    0 where the system does not count them.
    """
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
