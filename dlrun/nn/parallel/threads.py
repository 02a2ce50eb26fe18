"""The shared thread pool: it runs pieces of a step, whose number depends only on shapes.

Any thread can run any piece, but what a piece computes is fixed, and sums over pieces are added in
the order of the pieces.  So the number of threads does not change a single bit of a result.

A pool serves one caller at a time.  Another thread that calls meanwhile runs its pieces itself,
with bit-identical results.  A forked child has none of its parent's threads: every pool starts new
ones there.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from weakref import WeakSet

import numpy as np

from dlrun.arrays import Array
from dlrun.errors import MachineError
from dlrun.nn.kernels import Kernels
from dlrun.nn.parallel.blas import quiet
from dlrun.nn.parallel.locks import Exclusive
from dlrun.processors import processors

Work = Callable[[], object]
"""A part of a step; its return value is ignored."""


class Gate:
    """One thread waits here until another opens the gate; each opening lets it through once.

    Waking a thread takes 30 to 70 us if a processor has to be woken, too, which is longer than many
    pieces of work.  So the thread first waits awake (busy), and only then goes to sleep.

    Args:
        until: waits awake, without the interpreter's lock, until a flag has a value, or gives up.
    """

    def __init__(self, until: Callable[[Array, int], None]) -> None:
        self._until = until
        self._opened = np.zeros(1, np.int64)
        self._passed = 0
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Let the waiting thread through, or the next one that arrives."""
        self._opened[0] += 1
        self._lock.release()

    def wait(self) -> None:
        """Return when the gate has been opened."""
        self._passed += 1
        self._until(self._opened, self._passed)
        self._lock.acquire()


class Company:
    """Other processes that are busy for this one; usable as a context manager while there is one.

    Attributes:
        others: how many.
    """

    def __init__(self) -> None:
        self.others = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            self.others += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.others -= 1


accompanied = Company()


class Pool:
    """Threads that wait for work; the calling thread is one of them.

    Args:
        threads: their number, including the caller's.
        kernels: the kernels that the work uses, which also implement waiting.
    """

    def __init__(self, threads: int, kernels: Kernels) -> None:
        self.threads = threads
        self._until, self._processors = kernels.wait.until, processors()
        self.forget()
        _pools.add(self)

    def _wait_awake(self, flag: Array, value: int) -> None:
        """Wait until a flag has a value, for a while.

        With more threads than processors, busy waiting would take time from the work.
        """
        if self.threads + accompanied.others <= self._processors:
            self._until(flag, value)

    def forget(self) -> None:
        """Reset to no threads; they start with the first work: a forked child has none."""
        self._busy = Exclusive()
        self._pieces: Iterator[Work] = iter(())
        self._error: BaseException | None = None
        self._go: list[Gate] = []
        self._done: list[Gate] = []

    def _start(self) -> None:
        for _ in range(self.threads - 1):
            go, done = Gate(self._wait_awake), Gate(self._wait_awake)
            try:
                threading.Thread(target=self._serve, args=(go, done), daemon=True).start()
            except RuntimeError as error:  # the only one that ``start`` raises on a new thread
                raise MachineError(
                    f"the system cannot start more than {threading.active_count()} threads; set "
                    "DLRUN_THREADS, or raise ulimit -u and ulimit -v"
                ) from error
            self._go.append(go)
            self._done.append(done)

    def each(self, pieces: Sequence[Work]) -> Work:
        """Work that runs all pieces, each on any thread, and returns when all are done."""
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
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _serve(self, go: Gate, done: Gate) -> None:
        with quiet():
            while True:
                go.wait()
                self._take()
                done.open()

    def _take(self) -> None:
        """Run pieces until none is left; a tuple's iterator hands out each of them once."""
        try:
            for piece in self._pieces:
                piece()
        except BaseException as error:  # whatever it is, it is raised in the caller's thread
            self._error = error


@cache
def shared_pool(threads: int, kernels: Kernels) -> Pool:
    """The process's pool of so many threads: networks that train in turn share it."""
    return Pool(threads, kernels)


_pools: WeakSet[Pool] = WeakSet()


def _forget_all() -> None:
    for pool in _pools:
        pool.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


def chain(works: Sequence[Work]) -> Work:
    """Work that runs all of them in order."""
    fixed = tuple(works)
    if len(fixed) == 1:
        return fixed[0]

    def run() -> None:
        for work in fixed:
            work()

    return run
