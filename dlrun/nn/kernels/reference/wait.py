"""Waiting for another thread."""

from __future__ import annotations

from dlrun.arrays import Array


def until(flag: Array, value: int) -> bool:
    """Whether another thread has written ``value`` to ``flag``, (1,) int64; does not wait for it.

    Waiting awake would keep the interpreter from the thread that is waited for.
    """
    return bool(flag[0] == value)
