"""A worker's process, as the study controls it."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import suppress

from dlrun.study.executors.process_end import memory_kills
from dlrun.study.executors.protocol import Message, Task, decoded, encoded


class WorkerProcess:
    """A worker, as the study controls it.

    Attributes:
        number: of its task.
        ready: whether it has sent a message.
        gone: whether its output has ended.
        deadline: of its task, in seconds of the monotonic clock.
        kills: processes killed by the kernel for memory before its task; None if unknown.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.number = -1
        self.ready = self.gone = False
        self.deadline: float | None = None
        self.kills: int | None = None
        self._rest = b""

    @property
    def overdue(self) -> bool:
        """Whether its task should have ended."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def begin(self, number: int, task: Task, timeout: float | None) -> None:
        """Send it a task."""
        self.number, self.kills = number, memory_kills()
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.send(task)

    def send(self, message: Message) -> None:
        """Send a message; a worker that has died is noticed when its output ends."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(encoded(message))
            self.process.stdin.flush()

    def read(self) -> list[Message]:
        """The messages since the last call."""
        assert self.process.stdout is not None
        try:
            piece = os.read(self.process.stdout.fileno(), 65536)
        except BlockingIOError:
            return []
        self.gone = not piece
        *lines, self._rest = (self._rest + piece).split(b"\n")
        messages = [decoded(line) for line in lines]
        self.ready = self.ready or bool(messages)
        return messages

    def hang_up(self) -> None:
        """Close both pipes, so that it ends."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):  # messages that it has not read
                pipe.close()
