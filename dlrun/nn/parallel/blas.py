"""One thread for BLAS, and no warnings of NumPy, while a network computes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Protocol

import numpy as np
import threadpoolctl

from dlrun.nn.parallel.locks import Exclusive


def quiet() -> np.errstate:
    """No warnings of overflow and NaN from NumPy: training checks the loss for them."""
    return np.errstate(all="ignore")


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for BLAS: the order of a sum could depend on their number.

    BLAS has one setting for all threads of the process.  It is restored when the last thread that
    needed one BLAS thread is done.
    """
    limits = _blas.enter()
    try:
        yield
    finally:
        _blas.leave(limits)


@contextmanager
def alone() -> Iterator[None]:
    """``one_thread`` and ``quiet``: how everything computes that uses a whole network."""
    with one_thread(), quiet():
        yield


class _OneThread:
    """Limits BLAS to one thread while any thread needs that.

    Most builds of BLAS have one setting per process; those with OpenMP have one per thread. So
    every thread sets it, and the very first setting is restored at the end.
    """

    def __init__(self) -> None:
        self._users = 0
        self._lock = Exclusive()

    def enter(self) -> Restorable:
        with self._lock:
            _release_control()
            limits: Restorable = _libraries(len(sys.modules)).limit(limits=1)
            _release_control()
            if not self._users:
                self._before = limits
            self._users += 1
            return limits

    def leave(self, limits: Restorable) -> None:
        with self._lock:
            self._users -= 1
            _release_control()
            if limits is not self._before:
                limits.restore_original_limits()
            if not self._users:
                self._before.restore_original_limits()
            _release_control()


class Restorable(Protocol):
    """Settings that can be restored."""

    def restore_original_limits(self) -> None:
        """Restore them."""


def _release_control() -> None:
    """Let this thread set limits, and afterwards any other.

    Since version 3.7, threadpoolctl lets only one thread set the limits of OpenBLAS, and silently
    ignores all others.
    """
    release = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)


@lru_cache(maxsize=1)
def _libraries(modules: int) -> threadpoolctl.ThreadpoolController:
    """All libraries with BLAS; the search takes 0.5 ms, and only an import can add more.

    Args:
        modules: number of imported modules, which invalidates the cache.
    """
    return threadpoolctl.ThreadpoolController().select(user_api="blas")


_blas = _OneThread()
