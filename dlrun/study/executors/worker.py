"""A worker of a study: a process that trains one run after another on request.

An executor starts ``main``; its messages are those of ``dlrun.study.executors.protocol``.
"""

from __future__ import annotations

import faulthandler
import os
import queue
import signal
import sys
import threading
from types import FrameType

from dlrun import catalog
from dlrun.libraries import leave_out_settings
from dlrun.study.executors.protocol import Answer, Cease, Hello, Ready, Task, decoded
from dlrun.study.executors.run_task import Worker
from dlrun.training.signals import let_through
from dlrun.training.stop import RESUMABLE


def main() -> None:
    """Serve the study that is connected to standard input and output."""
    catalog.load()
    leave_out_settings()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # printed text must not mix with the replies
    faulthandler.enable()
    for number in (signal.SIGINT, signal.SIGHUP):  # meant for the study, which sends a message
        signal.signal(number, signal.SIG_IGN)
    worker: Worker | None = None
    leaving = False

    def leave(number: int, frame: FrameType | None) -> None:
        """Save the training and end: a batch system signals all processes of a job."""
        nonlocal leaving
        leaving = True
        if worker is None or not worker.busy:
            os._exit(RESUMABLE)
        worker.cease()

    for number in (signal.SIGTERM, signal.SIGUSR1):
        signal.signal(number, leave)
    let_through()
    hello = decoded(sys.stdin.buffer.readline())
    assert isinstance(hello, Hello)
    worker = Worker(hello, replies)
    tasks: queue.SimpleQueue[Task] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin.buffer:
            message = decoded(line)
            if isinstance(message, Cease):
                worker.cease()
            elif isinstance(message, Answer):
                worker.answer(continues=message.continues)
            elif isinstance(message, Task):
                tasks.put(message)
        if not leaving:
            os._exit(0)  # the study is gone

    threading.Thread(target=listen, daemon=True).start()
    worker.reply(Ready())
    while not leaving:
        worker.do(tasks.get())
    os._exit(RESUMABLE)
