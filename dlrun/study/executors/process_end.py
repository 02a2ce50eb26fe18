"""Why the process of a worker has ended, and whether the reason came from outside."""

from __future__ import annotations

import signal
from pathlib import Path

_ROOT = Path("/")
_REQUESTS = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
"""Signals that a process gets from others only; a worker that is still starting dies of them."""


def cause_of_end(code: int) -> str:
    """An exit code as a sentence."""
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"


def killed_from_outside(code: int, kills_before: int | None, kills_now: int | None) -> str | None:
    """Why a process was ended from outside, as a sentence; None if it may itself be the reason.

    SIGKILL comes from a person, a batch system or a container, or from the kernel when memory is
    short, and then the process may be the reason.  The kernel counts what it kills, so if the
    count is as before, another program or a person has sent the signal.

    Args:
        code: the exit code, negative for a signal.
        kills_before: ``memory_kills()`` before the process had its work.
        kills_now: ``memory_kills()`` after its end.
    """
    if -code in _REQUESTS:
        return f"its process was ended by {signal.Signals(-code).name}"
    if code == -signal.SIGKILL and kills_before is not None and kills_before == kills_now:
        return "its process was killed from outside by SIGKILL"
    return None


def memory_kills(root: Path = _ROOT) -> int | None:
    """Number of processes that the kernel has killed because memory was short; None if unknown.

    The count includes kills in control groups (``oom_kill`` in proc_vmstat(5)), since Linux 4.13.

    Args:
        root: the directory that contains ``/proc``.
    """
    try:
        lines = (root / "proc/vmstat").read_text(encoding="ascii").splitlines()
    except (OSError, ValueError):  # another system
        return None
    return next((int(line.split()[1]) for line in lines if line.startswith("oom_kill ")), None)
