"""The one pool of threads: it runs pieces of a step whose number depends on shapes alone.

Which thread runs a piece is left to chance, what a piece computes is not, and sums over pieces are
taken in the order of the pieces.  So the number of threads changes no bit of a result.

A pool serves one caller at a time.  Another thread that calls meanwhile does its pieces itself, to
the same bits.  A forked child has none of its parent's threads: every pool starts new ones there.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from itertools import count
from typing import ClassVar, Protocol
from weakref import WeakSet

import numpy as np
import threadpoolctl

from dlrun.arrays import Array
from dlrun.errors import MachineError
from dlrun.nn.kernels import Kernels, numpy_kernels
from dlrun.processors import processors

Work = Callable[[], object]
"""A part of a step; what it returns is of no interest."""


class Exclusive:
    """A lock for what only one thread at a time may use.

    A fork waits until every such lock is free, so that no child begins with half of a step, or
    with locks of BLAS and Numba that belong to a thread which it does not have.
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
        """Whether it was free; it is not any more then, until ``__exit__``."""
        return self._lock.acquire(blocking=False)

    @classmethod
    def enter_all(cls) -> None:
        """Wait for all of them, in one order for all threads that fork."""
        cls._registry.acquire()
        cls._held = sorted(cls._all, key=lambda each: each._number)
        for each in cls._held:
            each.__enter__()

    @classmethod
    def exit_all(cls) -> None:
        """After ``enter_all``."""
        held, cls._held = cls._held, []
        for each in held:
            each.__exit__()
        cls._registry.release()

    _held: ClassVar[list[Exclusive]] = []


class Gate:
    """What one thread waits at until another opens it; each opening lets it through once.

    Waking a thread takes 30 to 70 us where a processor has to be woken, too, which is longer than
    many a piece of work.  So the thread first waits awake, and falls asleep only then.

    Args:
        until: waits awake, without the interpreter's lock, until a flag has a value, or gives up.
    """

    def __init__(self, until: Callable[[Array, int], bool]) -> None:
        self._until = until
        self._opened = np.zeros(1, np.int64)
        self._passed = 0
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Let the waiting thread through, or the next that comes."""
        self._opened[0] += 1
        self._lock.release()

    def wait(self) -> None:
        """Return once the gate has been opened."""
        self._passed += 1
        self._until(self._opened, self._passed)
        self._lock.acquire()


class Pool:
    """Threads that wait for work; the calling thread is one of them.

    Args:
        threads: how many, the caller's included.
        kernels: those that the work is done with, which also know how to wait.
    """

    def __init__(self, threads: int, kernels: Kernels) -> None:
        self.threads = threads
        # More threads than processors must not keep one another from working.
        awake = threads <= processors()
        self._until = kernels.wait.until if awake else numpy_kernels().wait.until
        self.forget()
        _pools.add(self)

    def forget(self) -> None:
        """Begin without threads, which start with the first work: a forked child has none."""
        self._busy = Exclusive()
        self._pieces: Iterator[Work] = iter(())
        self._fault: BaseException | None = None
        self._go: list[Gate] = []
        self._done: list[Gate] = []

    def _start(self) -> None:
        for _ in range(self.threads - 1):
            go, done = Gate(self._until), Gate(self._until)
            try:
                threading.Thread(target=self._serve, args=(go, done), daemon=True).start()
            except RuntimeError as fault:  # the only one that ``start`` raises on a new thread
                raise MachineError(
                    f"the system starts no more than {threading.active_count()} threads; set "
                    "DLRUN_THREADS, or raise ulimit -u and ulimit -v"
                ) from fault
            self._go.append(go)
            self._done.append(done)

    def each(self, pieces: Sequence[Work]) -> Work:
        """Work that runs all pieces, by turns on any thread, and returns when all are done."""
        fixed = tuple(pieces)
        if len(fixed) == 1:
            return fixed[0]
        if self.threads == 1:
            return chain(fixed)
        return lambda: self._run(fixed)

    def _run(self, pieces: tuple[Work, ...]) -> None:
        if not self._busy.try_enter():
            for piece in pieces:
                piece()
            return
        try:
            if not self._go:
                self._start()
            self._share(pieces)
        finally:
            self._busy.__exit__()

    def _share(self, pieces: tuple[Work, ...]) -> None:
        self._pieces = iter(pieces)
        helpers = min(self.threads, len(pieces)) - 1
        for go in self._go[:helpers]:
            go.open()
        self._take()
        for done in self._done[:helpers]:
            done.wait()
        if self._fault is not None:
            fault, self._fault = self._fault, None
            raise fault

    def _serve(self, go: Gate, done: Gate) -> None:
        with quiet():
            while True:
                go.wait()
                self._take()
                done.open()

    def _take(self) -> None:
        """Run pieces until none is left; a tuple's iterator gives each of them out once."""
        try:
            for piece in self._pieces:
                piece()
        except BaseException as fault:  # it belongs to the caller's thread, whatever it is
            self._fault = fault


@cache
def shared_pool(threads: int, kernels: Kernels) -> Pool:
    """The process's pool of so many threads: networks that train by turns share it."""
    return Pool(threads, kernels)


def quiet() -> np.errstate:
    """No warnings of overflow and NaN from NumPy: training looks for them in the loss."""
    return np.errstate(all="ignore")


@contextmanager
def alone() -> Iterator[None]:
    """``quiet``, and one thread for BLAS: the order of a sum could depend on how many there are.

    BLAS has one setting for all threads of the process.  It comes back when the last of them that
    asked for one thread is done.
    """
    limits = _blas.enter()
    try:
        with quiet():
            yield
    finally:
        _blas.leave(limits)


class _OneThread:
    """BLAS at one thread as long as anybody needs that.

    Most builds of BLAS have one setting for the process; those on OpenMP have one for each thread.
    So every thread sets it, and the first one's setting before that comes back at the very end.
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
    """Settings that can be put back."""

    def restore_original_limits(self) -> None:
        """Put them back."""


def _release_control() -> None:
    """Let this thread set limits, or after it any other.

    threadpoolctl from 3.7 on lets one thread alone set those of OpenBLAS, and ignores all others
    without a word.
    """
    release = getattr(threadpoolctl.OpenBLASController, "clear_controlling_thread", None)
    if release is not None:
        release(force=True)


@lru_cache(maxsize=1)
def _libraries(modules: int) -> threadpoolctl.ThreadpoolController:
    """All libraries with BLAS; looking for them takes 0.5 ms, and only an import brings more.

    Args:
        modules: how many have been imported.
    """
    return threadpoolctl.ThreadpoolController().select(user_api="blas")


_blas = _OneThread()

_pools: WeakSet[Pool] = WeakSet()


def _in_child() -> None:
    Exclusive.exit_all()
    for pool in _pools:
        pool.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=Exclusive.enter_all,
        after_in_parent=Exclusive.exit_all,
        after_in_child=_in_child,
    )


def chain(works: Sequence[Work]) -> Work:
    """Work that runs all of them in turn."""
    fixed = tuple(works)
    if len(fixed) == 1:
        return fixed[0]

    def run() -> None:
        for work in fixed:
            work()

    return run
