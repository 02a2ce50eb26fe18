"""The one pool of threads: it runs pieces of a step whose number depends on shapes alone.

Which thread runs a piece is left to chance, what a piece computes is not, and sums over pieces are
taken in the order of the pieces.  So the number of threads changes no bit of a result.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import numpy as np
from threadpoolctl import threadpool_limits

from dlrun.arrays import Array
from dlrun.errors import MachineError
from dlrun.nn.kernels import Kernels, numpy_kernels

Work = Callable[[], object]
"""A part of a step; what it returns is of no interest."""


def default_threads() -> int:
    """``DLRUN_THREADS``, or the processors that this process may use."""
    asked = os.environ.get("DLRUN_THREADS", "")
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    return processors()


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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
        self._pieces: Iterator[Work] = iter(())
        self._fault: BaseException | None = None
        # More threads than processors must not keep one another from working.
        awake = threads <= processors()
        until = kernels.wait.until if awake else numpy_kernels().wait.until
        self._go = [Gate(until) for _ in range(threads - 1)]
        self._done = [Gate(until) for _ in range(threads - 1)]
        for go, done in zip(self._go, self._done, strict=True):
            try:
                threading.Thread(target=self._serve, args=(go, done), daemon=True).start()
            except RuntimeError as fault:  # the only one that ``start`` raises on a new thread
                raise MachineError(
                    f"the system starts no more than {threading.active_count()} threads; set "
                    "DLRUN_THREADS, or raise ulimit -u and ulimit -v"
                ) from fault

    def each(self, pieces: Sequence[Work]) -> Work:
        """Work that runs all pieces, by turns on any thread, and returns when all are done."""
        fixed = tuple(pieces)
        if len(fixed) == 1:
            return fixed[0]
        if self.threads == 1:
            return chain(fixed)
        return lambda: self._run(fixed)

    def _run(self, pieces: tuple[Work, ...]) -> None:
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
    """``quiet``, and one thread for BLAS: the order of a sum could depend on how many there are."""
    with threadpool_limits(1, "blas"), quiet():
        yield


def chain(works: Sequence[Work]) -> Work:
    """Work that runs all of them in turn."""
    fixed = tuple(works)
    if len(fixed) == 1:
        return fixed[0]

    def run() -> None:
        for work in fixed:
            work()

    return run
