"""Locks that a fork waits for."""

from __future__ import annotations

import os
import threading
from itertools import count
from typing import ClassVar
from weakref import WeakSet


class Exclusive:
    """A lock for objects that only one thread at a time may use.

    A fork waits until every such lock is free, so that no child starts in the middle of a step, or
    with locks of BLAS and Numba held by a thread that it does not have.
    """

    _registry = threading.Lock()
    _all: ClassVar[WeakSet[Exclusive]] = WeakSet()
    _numbers = count()

    def __init__(self) -> None:
        self._lock = threading.Lock()
        with self._registry:
            self._number = next(self._numbers)
            self._all.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def try_enter(self) -> bool:
        """Acquire the lock if it is free; return whether it was. ``__exit__`` releases it."""
        return self._lock.acquire(blocking=False)

    @classmethod
    def enter_all(cls) -> None:
        """Wait for all of them, in the same order in all threads that fork."""
        cls._registry.acquire()
        cls._held = sorted(cls._all, key=lambda each: each._number)
        for each in cls._held:
            each.__enter__()

    @classmethod
    def exit_all(cls) -> None:
        """Release them, after ``enter_all``."""
        held, cls._held = cls._held, []
        for each in held:
            each.__exit__()
        cls._registry.release()

    _held: ClassVar[list[Exclusive]] = []


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=Exclusive.enter_all,
        after_in_parent=Exclusive.exit_all,
        after_in_child=Exclusive.exit_all,
    )
