"""Memory for the content of files."""

from __future__ import annotations

import os
import resource
from contextlib import suppress
from pathlib import Path

from dlrun.errors import DataError

_PART = 0.5
"""Fraction of the memory that the content of one file may take."""


_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def need_room(size: int, shown: str) -> None:
    """Check that the content of a file fits in memory.

    Args:
        size: bytes that it needs.
        shown: the file's name in messages.

    Raises:
        DataError: it needs more than half of the memory.
    """
    if size > memory() * _PART:
        raise DataError(
            f"{shown}: its content takes at least {size / 2**30:.3g} GiB of memory, more than half "
            f"of the {memory() / 2**30:.3g} GiB here; split it, or store large arrays as .npy, "
            "which are read batch by batch"
        )


def memory() -> int:
    """Bytes of memory that this process may use."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    soft, _ = resource.getrlimit(resource.RLIMIT_AS)
    if soft != resource.RLIM_INFINITY:
        limits.append(soft)
    with suppress(OSError, ValueError):  # not in a container, or its limit is "max"
        limits.append(int(_CONTAINER.read_text()))
    return min(limits)
