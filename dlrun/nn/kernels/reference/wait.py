"""Waiting for another thread."""

from __future__ import annotations

from dlrun.arrays import Array


def until(flag: Array, value: int) -> bool:
    """Whether another thread has written ``value`` to ``flag``, (1,) int64; returns immediately.

    Busy waiting would keep the interpreter from running the other thread.
    """
    return bool(flag[0] == value)
