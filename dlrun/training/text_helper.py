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
from dlrun.child_command import piped_child
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


class TextHelper:
    """Makes inputs of the network from texts: here at first, then in another process.

    If the process cannot be started, dies, or does not answer, inputs are made here: it only saves
    time.

    Args:
        job: what is to be done.
        make: does it here: maps an epoch and visits to inputs.
    """

    def __init__(self, job: Job, make: Callable[[int, Array], Array]) -> None:
        self._job, self._make = job, make
        self._begun, self._spent, self._longest = math.inf, 0.0, 0.0
        self._worker: _Worker | None = None

    def __call__(self, epoch: int, visits: Array, texts: Array) -> Array:
        """Inputs of the network.

        Args:
            epoch: counts from 1.
            visits: (n,), as in ``Augmenter``.
            texts: (n,) original ones.
        """
        if self._worker is not None and self._worker.ready:
            made = self._worker.inputs(Request(epoch, visits.tolist(), texts.tolist()))
            if made is not None:
                return made
        start = time.perf_counter()
        inputs = self._make(epoch, visits)
        if self._worker is None and self._pays(start, time.perf_counter()):
            self._worker = _Worker(self._job, _PATIENCE * max(1.0, self._longest))
        return inputs

    def end(self) -> None:
        """End the process; called when no batch is being made."""
        if self._worker is not None:
            self._worker.end()

    def _pays(self, start: float, end: float) -> bool:
        """Whether a process pays off, after a batch that was made here in this time."""
        self._begun = min(self._begun, start)
        self._spent += end - start
        self._longest = max(self._longest, end - start)
        share = self._spent / (end - self._begun)
        return self._spent > _WORTH_A_PROCESS and share > _WORTH_COMPANY


class _Worker:
    """The other process.

    Args:
        job: what it does.
        patience: seconds after which it is killed if it does not answer: it may have been stopped.

    Attributes:
        ready: whether it can make inputs; no longer after it has died.
        process: None until it is started.
        thread: starts the process and watches it.
    """

    def __init__(self, job: Job, patience: float) -> None:
        self.ready = False
        self.process: subprocess.Popen[bytes] | None = None
        self._job, self._patience = job, patience
        self._asked, self._over, self._company = math.inf, threading.Event(), ExitStack()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        with suppress(RuntimeError):  # the system starts no more threads
            self.thread.start()

    def inputs(self, request: Request) -> Array | None:
        """The inputs of a request; None if the process has died."""
        self._asked = time.monotonic()
        try:
            answer = self._exchange(request.to_bytes())
        except (OSError, EOFError):
            self.ready = False
            self._company.close()
            self._reap()
            return None
        finally:
            self._asked = math.inf
        inputs: Array = np.load(io.BytesIO(answer), allow_pickle=False)
        return inputs

    def end(self) -> None:
        """End it; called when no inputs are being made."""
        self._over.set()
        if self.process is not None:
            self.process.kill()
        if self.thread.is_alive():
            self.thread.join()
        self._company.close()
        self._reap()

    def _serve(self) -> None:
        """Start the process, and kill it when it does not answer."""
        with suppress(OSError, EOFError):
            self._begin()
        if not self.ready:
            self._reap()
        while self.ready and not self._over.wait(_PAUSE):
            if time.monotonic() - self._asked > self._patience and self.process is not None:
                self.process.kill()

    def _begin(self) -> None:
        """Start the process and wait until it can make inputs.

        Raises:
            OSError, EOFError: it cannot be started, or has ended.
        """
        job = self._job.to_bytes()
        if self._over.is_set():
            return
        self.process = piped_child("dlrun.training.text_process:main")
        self._exchange(job)
        self._company.enter_context(accompanied)
        self.ready = True

    def _exchange(self, message: bytes) -> bytes:
        """Send a message and return the answer.

        Raises:
            OSError, EOFError: the process has ended.
        """
        assert self.process is not None
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        send(self.process.stdin, message)
        return receive(self.process.stdout)

    def _reap(self) -> None:
        """End the process, and let the system forget it."""
        if self.process is not None:
            self.process.kill()
            with suppress(OSError, ValueError):  # a request that it has not read; called before
                self.process.communicate()


def another_processor() -> bool:
    """Whether there is one that a process could use while this one computes."""
    return min(variables.threads(), processors()) > 1
