"""Compiling what a computation needs in several processes, before it starts.

Numba compiles one function at a time in a process, so other processors get a process each.  These
compile into the cache folder, from which this process loads.  One that is killed or fails only
costs time: what it has not stored is compiled here.
"""

from __future__ import annotations

import gc
import json
import subprocess
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from dlrun import variables
from dlrun.child_command import child_command
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
    waiting = deque(sorted(missing(needs), key=lambda each: -each.size))
    count = min(variables.threads(), processors(), _MOST_PROCESSES) - 1
    count = min(count, len(waiting) // _WORTH_A_PROCESS)
    with uncollected():
        if count > 0 and machine_code.obstacle() is None:
            with _helpers(count, waiting):
                _fulfil(waiting)
        _fulfil(waiting)  # all of them without helpers; otherwise what a helper has not finished


def missing(needs: Iterable[Need]) -> list[Need]:
    """Those that no file contains."""
    return [each for each in needs if not each.stored()]


def _fulfil(waiting: deque[Need]) -> None:
    with suppress(IndexError):
        while True:
            waiting.popleft().fulfil()


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

    def __init__(self, waiting: deque[Need]) -> None:
        self._waiting = waiting
        self._need: Need | None = None
        self._process = subprocess.Popen(
            child_command("dlrun.nn.kernels.compiled.compiler_process:main"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",  # libraries read settings in the working directory, see dlrun.libraries
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # the limit of threads
            self._process.kill()
            self._process.communicate()
            raise

    def _serve(self) -> None:
        """Hand out what is waiting until nothing is, or the process dies."""
        with suppress(IndexError, OSError, ValueError):
            self._answer()  # it has started; until then the other process takes all it can
            while True:
                self._need = self._waiting.popleft()
                self._ask(self._need.words)
                self._need = None
        if self._need is not None:
            self._waiting.append(self._need)

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


@contextmanager
def _helpers(count: int, waiting: deque[Need]) -> Iterator[None]:
    """So many helpers, or fewer if the system starts no more."""
    helpers: list[_Helper] = []
    finished = False
    try:
        with suppress(OSError, RuntimeError):
            helpers.extend(_Helper(waiting) for _ in range(count))
        yield
        finished = True
    finally:
        for each in helpers:
            each.end(wait=finished)
