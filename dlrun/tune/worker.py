"""A worker of a study: a process that trains one run after another, as it is told.

``python -m dlrun.tune.worker``; see ``dlrun.tune.protocol`` for what it reads and writes.
"""

from __future__ import annotations

import faulthandler
import math
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from dlrun import api, catalog
from dlrun.data.kept import KeptData
from dlrun.errors import DlrunError
from dlrun.runs import environment
from dlrun.runs.atomic import hurried
from dlrun.runs.directory import RunDirectory
from dlrun.spec import overrides as override
from dlrun.spec.problems import Problems
from dlrun.training.compile import compile_document
from dlrun.training.events import EpochEnded
from dlrun.training.stop import Stop
from dlrun.tune.base import Base
from dlrun.tune.cost import cost
from dlrun.tune.protocol import (
    CEASED,
    HALTED,
    Cease,
    Ended,
    Epoch,
    Failed,
    Hello,
    Message,
    Ready,
    Task,
    decoded,
    encoded,
)

_INTERVAL = 0.1
"""Seconds between two reports of epochs, at least."""


class Worker:
    """Trains what it is asked to.

    Args:
        hello: the spec.
        replies: where to answer.
    """

    def __init__(self, hello: Hello, replies: BinaryIO) -> None:
        self._base = Base.parse(hello.spec, hello.name, Path(hello.folder))
        self._replies = replies
        self._data = KeptData()
        self._environment: dict[str, Any] | None = None
        self._stop: Stop | None = None
        self._ceased = False

    def reply(self, message: Message) -> None:
        """Answer at once."""
        self._replies.write(encoded(message))
        self._replies.flush()

    def cease(self) -> None:
        """Stop what is trained; called from another thread."""
        self._ceased = True
        if self._stop is not None:
            self._stop.halted = CEASED

    def do(self, task: Task) -> None:
        """Train a run to its end, and say how it went."""
        try:
            with hurried():  # of nine files a run; the scores are safe in the study's journal
                ended = self._train(task)
            self.reply(ended)
        except DlrunError as fault:
            self.reply(Failed("; ".join(fault.lines())))
        except MemoryError:
            self.reply(Failed("out of memory"))
        except Exception as fault:  # of one trial, which must not end the others
            traceback.print_exc()
            self.reply(Failed(f"internal error: {type(fault).__name__}: {fault}"))
        finally:
            self._stop = None

    def _train(self, task: Task) -> Message:
        problems = Problems()
        settings = override.read(task.settings, problems)
        compiled = compile_document(self._base.document(settings, problems), self._data)
        make = partial(RunDirectory.make, Path(task.directory))
        training = api.begin(
            compiled,
            self._base.text.encode(),
            self._base.folder,
            make,
            describe=partial(self._describe, task.settings),
        )
        self._stop = training.stop
        if self._ceased:  # just before
            training.stop.halted = CEASED
        epochs, next_report = compiled.experiment.epochs, -math.inf
        with training:
            for event in training.events():
                if isinstance(event, EpochEnded):
                    if event.epoch == task.epochs < epochs:
                        training.stop.halted = HALTED.format(task.epochs)
                    now = time.monotonic()
                    if now >= next_report:
                        score = event.row.get(task.score)
                        self.reply(Epoch(event.epoch, task.epochs or epochs, score))
                        next_report = now + _INTERVAL
            training.finish(pictures=False)
        assert training.ended is not None
        ended = training.ended
        return Ended(cost(compiled, ended.epochs), ceased=ended.reason == CEASED)

    def _describe(
        self, settings: Mapping[str, Any], fingerprint: str, threads: int
    ) -> dict[str, Any]:
        """What the run runs on; but for data and command that does not change in a process."""
        if self._environment is None:
            self._environment = environment.collect(fingerprint, threads)
        command = ["dlrun", "train", "spec.yaml", *(f"{k}={v}" for k, v in settings.items())]
        return {**self._environment, "command": command, "data": fingerprint, "threads": threads}


def main() -> None:
    """Serve the study at the other end of standard input and output."""
    assert catalog.MODULES
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not come between the replies
    faulthandler.enable()
    for number in (signal.SIGINT, signal.SIGHUP):  # meant for the study, which tells us
        signal.signal(number, signal.SIG_IGN)
    hello = decoded(sys.stdin.buffer.readline())
    assert isinstance(hello, Hello)
    worker = Worker(hello, replies)
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            message = decoded(line)
            if isinstance(message, Cease):
                worker.cease()
            elif isinstance(message, Task):
                tasks.put(message)
        os._exit(0)  # the study is gone

    threading.Thread(target=listen, daemon=True).start()
    worker.reply(Ready())
    while True:
        worker.do(tasks.get())


if __name__ == "__main__":
    main()
