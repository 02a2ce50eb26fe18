"""Compiling what a computation needs in several processes, before it starts.

Numba compiles one function at a time in a process, so other processors get a process each.  These
compile into the cache folder, from which this process loads.  One that is killed or fails only
costs time: what it has not stored is compiled here.
"""

from __future__ import annotations

import gc
import heapq
import json
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count

from dlrun import variables
from dlrun.child_command import piped_child
from dlrun.nn.kernels import machine_code
from dlrun.nn.kernels.rehearsal import Need
from dlrun.processors import processors

_WORTH_A_PROCESS = 5
"""Kernels to compile for each further process, which takes half a second to start."""

_MOST_PROCESSES = 8
"""Each needs about 150 MB."""

_PATIENCE = 120.0
"""Seconds that a process may take for one kernel before it is killed."""


def prepare(needs: Iterable[Need]) -> None:
    """Compile what is not stored yet, largest first, in at most as many processes as threads.

    If everything is stored, nothing is loaded and no process starts.

    Args:
        needs: found by a rehearsal.
    """
    with preparing() as preparation:
        preparation.add(needs)


@contextmanager
def preparing() -> Iterator[Preparation]:
    """Other processes compile what the context finds; at its end this one compiles with them.

    When the context is left without an error, everything is compiled.
    """
    preparation = Preparation()
    finished = False
    with uncollected():
        try:
            yield preparation
            preparation.fulfil()
            finished = True
        finally:
            preparation.end_helpers(wait=finished)
        preparation.fulfil()  # what a helper has not finished


class Preparation:
    """What is to be compiled, and the processes that do it."""

    def __init__(self) -> None:
        self._waiting = Waiting()
        self._helpers: list[_Helper] = []
        self._most = min(variables.threads(), processors(), _MOST_PROCESSES) - 1

    def add(self, needs: Iterable[Need]) -> list[Need]:
        """Compile those that no file contains, and return them."""
        found = [each for each in needs if not each.stored()]
        for each in found:
            self._waiting.add(each)
        while len(self._helpers) < self._most and self._is_worth_another():
            if machine_code.obstacle() is not None:
                self._most = 0
                return found
            try:
                self._helpers.append(_Helper(self._waiting))
            except (OSError, RuntimeError):  # the system starts no more
                self._most = len(self._helpers)
        return found

    def _is_worth_another(self) -> bool:
        return len(self._waiting) >= _WORTH_A_PROCESS * (len(self._helpers) + 1)

    def fulfil(self) -> None:
        """Compile here until nothing is waiting; nothing may be added afterwards."""
        self._waiting.close()
        while (need := self._waiting.take()) is not None:
            need.fulfil()

    def end_helpers(self, *, wait: bool) -> None:
        """End the processes, after what they are compiling now if ``wait``."""
        self._waiting.close()
        for each in self._helpers:
            each.end(wait=wait)


class Waiting:
    """Needs that threads take, the largest first."""

    def __init__(self) -> None:
        self._needs: list[tuple[int, int, Need]] = []
        self._numbers = count()  # of equal size, the first is taken first
        self._open = True
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._needs)

    def add(self, need: Need) -> None:
        """Let a thread take it."""
        with self._changed:
            heapq.heappush(self._needs, (-need.size, next(self._numbers), need))
            self._changed.notify()

    def take(self) -> Need | None:
        """The largest one, as soon as there is one; None if nothing is there and none will be."""
        with self._changed:
            while self._open and not self._needs:
                self._changed.wait()
            return heapq.heappop(self._needs)[-1] if self._needs else None

    def close(self) -> None:
        """No thread waits for more from now on, though what one returns is still taken."""
        with self._changed:
            self._open = False
            self._changed.notify_all()


@contextmanager
def uncollected() -> Iterator[None]:
    """Without garbage collection: a tenth of the time of work that keeps most of its objects."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


class _Helper:
    """A process that compiles what is waiting, too.

    Args:
        waiting: shared with this process and other helpers; a need that the process has not
            fulfilled when it dies is waiting again.

    Raises:
        OSError, RuntimeError: it cannot be started.
    """

    def __init__(self, waiting: Waiting) -> None:
        self._waiting = waiting
        self._need: Need | None = None
        self._process = piped_child("dlrun.nn.kernels.compiled.compiler_process:main")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the limit of threads
            self._process.kill()
            self._process.communicate()
            raise

    def _serve(self) -> None:
        """Hand out what is waiting until nothing is, or the process dies."""
        with suppress(OSError, ValueError):
            self._answer()  # it has started; until then the other process takes all it can
            while (need := self._waiting.take()) is not None:
                self._need = need
                self._ask(need.words)
                self._need = None
        if self._need is not None:
            self._waiting.add(self._need)

    def _ask(self, words: str | None) -> None:
        """Let the process fulfil a need.

        Raises:
            ValueError: the need has no words, or the reply is not valid.
            OSError: it has died.
        """
        if words is None:
            raise ValueError("this process has to do it")
        assert self._process.stdin is not None
        self._process.stdin.write(words.encode() + b"\n")
        self._process.stdin.flush()
        limit = threading.Timer(_PATIENCE, self._process.kill)
        limit.start()
        try:
            while (kernel := self._answer()) is not None:
                machine_code.announce(kernel)
        finally:
            limit.cancel()

    def _answer(self) -> str | None:
        assert self._process.stdout is not None
        answer: str | None = json.loads(self._process.stdout.readline())
        return answer

    def end(self, *, wait: bool) -> None:
        """End the process, after what it is compiling now if ``wait``; nothing is waiting."""
        if self._need is None or not wait:
            self._process.kill()
        self._thread.join()
        self._process.kill()
        with suppress(OSError):  # a need that it has not read
            self._process.communicate()
