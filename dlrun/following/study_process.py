"""Whether a process runs a study, found out without taking its lock."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import read_bytes
from dlrun.run_directory.lock import DEAD, held
from dlrun.run_directory.not_a_run import JOURNAL


def study_runs(directory: Path, running: Iterable[Path]) -> bool:
    """Whether a process runs a study.

    The owner removes the lock at the end.  If the file is there, its process is looked for on this
    machine.  A process of another machine is not visible here; it counts as alive while one of its
    runs is locked, or if it has written something within the last half minute.

    Args:
        directory: of the study.
        running: directories of the runs that have begun and not ended.
    """
    lock = directory / "lock"
    try:
        written = lock.lstat().st_mtime
        owner = read_bytes(lock, limit=4096, follow=False).decode("ascii", "replace").strip()
    except (OSError, DataError):
        return False
    if owner.isdecimal() and len(owner) < 12 and _lives(int(owner), written):
        return True
    if any(map(held, running)):
        return True
    with suppress(OSError):
        written = max(written, (directory / JOURNAL).lstat().st_mtime)
    return time.time() - written < DEAD


def _lives(process: int, written: float) -> bool:
    """Whether a process of this machine runs that is older than a file: IDs are reused."""
    try:
        ticks = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[19])
        since = float(Path("/proc/uptime").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return False
    began = time.time() - since + ticks / os.sysconf("SC_CLK_TCK")
    return began < written + 2.0
