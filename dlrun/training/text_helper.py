"""Batches of texts from another process, while this one computes steps.

Changing texts is work for Python's interpreter, which runs one thread of a process at a time: a
step would wait for it between any two kernels.  A batch depends only on its texts, seed, epoch and
step, so it is the same whichever process makes it.
"""

from __future__ import annotations

import io
import math
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import numpy as np

from dlrun import variables
from dlrun.arrays import Array
from dlrun.child_command import child_command
from dlrun.nn.parallel.threads import accompanied
from dlrun.processors import processors
from dlrun.training.text_process import Job, Request, receive, send

_WORTH_A_PROCESS = 0.5
"""Seconds that batches must have taken here before a process starts."""

_WORTH_COMPANY = 0.25
"""Part of the time that batches must have taken: a busy process slows steps down."""

_PATIENCE = 5.0
"""Seconds to wait for an answer, or so many times the longest time that a batch took here."""
_PAUSE = 0.5
"""Seconds between two looks at how long an answer takes."""

_DEAD = (OSError, EOFError)
"""Raised if the process has ended, also in the middle of an answer."""


class TextHelper:
    """Makes inputs of the network from texts: here at first, then in another process.

    If the process cannot be started, or dies, inputs are made here: it only saves time.

    Args:
        job: what is to be done.
        make: does it here: maps an epoch and visits to inputs.
    """

    def __init__(self, job: Job, make: Callable[[int, Array], Array]) -> None:
        self._job, self._make = job, make
        self._spent, self._since, self._asked = 0.0, math.inf, False
        self._longest, self._since_request = 0.0, math.inf
        self._over = threading.Event()
        self._company = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._start: threading.Thread | None = None
        self._ready = False

    def __call__(self, epoch: int, visits: Array, texts: Array) -> Array:
        """Inputs of the network.

        Args:
            epoch: counts from 1.
            visits: (n,), as in ``Augmenter``.
            texts: (n,) original ones.
        """
        if self._ready:
            self._since_request = time.monotonic()
            try:
                return self._request(Request(epoch, visits.tolist(), texts.tolist()))
            except _DEAD:
                self._ready = False
                self._company.close()
                self._reap()
            finally:
                self._since_request = math.inf
        start = time.perf_counter()
        inputs = self._make(epoch, visits)
        end = time.perf_counter()
        self._since = min(self._since, start)
        self._spent += end - start
        self._longest = max(self._longest, end - start)
        share = self._spent / (end - self._since)
        if not self._asked and self._spent > _WORTH_A_PROCESS and share > _WORTH_COMPANY:
            self._asked = True
            starting = threading.Thread(target=self._serve, daemon=True)
            with suppress(RuntimeError):  # the system starts no more threads
                starting.start()
                self._start = starting
        return inputs

    def end(self) -> None:
        """End the process; called when no batch is being made."""
        self._over.set()
        if self._process is not None:
            self._process.kill()
        if self._start is not None:
            self._start.join()
        self._company.close()
        self._reap()

    def _reap(self) -> None:
        """Let the system forget the process, which is dead or not wanted any more."""
        if self._process is not None:
            self._process.kill()
            with suppress(OSError, ValueError):  # a request that it has not read; again
                self._process.communicate()

    def _serve(self) -> None:
        """Start the process, and kill it if it does not answer: it may have been stopped."""
        self._begin()
        while self._ready and not self._over.wait(_PAUSE):
            waited = time.monotonic() - self._since_request
            if waited > max(_PATIENCE, _PATIENCE * self._longest) and self._process is not None:
                self._process.kill()

    def _begin(self) -> None:
        """Start the process and wait until it can make inputs."""
        job = self._job.to_bytes()
        if self._over.is_set():
            return
        with suppress(*_DEAD):
            self._process = subprocess.Popen(
                child_command("dlrun.training.text_process:main"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",  # libraries read settings in the working directory, see dlrun.libraries
            )
            self._exchange(job)
            self._company.enter_context(accompanied)
            self._ready = True

    def _request(self, request: Request) -> Array:
        inputs: Array = np.load(io.BytesIO(self._exchange(request.to_bytes())), allow_pickle=False)
        return inputs

    def _exchange(self, message: bytes) -> bytes:
        """Send a message and return the answer.

        Raises:
            OSError, EOFError: the process has ended.
        """
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        send(self._process.stdin, message)
        return receive(self._process.stdout)


def another_processor() -> bool:
    """Whether there is one that a process could use while this one computes."""
    return min(variables.threads(), processors()) > 1
