"""Workers on this machine: processes that are started once and then train one run after another."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from dlrun.errors import MachineError
from dlrun.runs.access import open_to_write, writing
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.executors.protocol import (
    Answer,
    Cease,
    Ended,
    Epoch,
    Failed,
    Hello,
    Message,
    Task,
    decoded,
    encoded,
)
from dlrun.training.stop import RESUMABLE, held_back

_PROGRAM = """
import sys
if sys.argv[1] not in sys.path:
    sys.path.append(sys.argv[1])
from dlrun.study.executors.worker import main
main()
"""
"""What a worker is, given the folder that has dlrun.  With ``-P``, and not ``-m``, nothing in the
working directory, which may be a stranger's, can be imported in the place of a module."""
_HOME = Path(__file__).absolute().parents[3]
_PATIENCE = 5.0
"""Seconds that a worker has to end by itself."""


class LocalExecutor:
    """So many workers; one that dies costs its own task only and is replaced.

    Args:
        hello: what every worker is told first.
        jobs: how many workers.
        threads: that each may use.
        timeout: seconds after which a task is taken to hang; None is never.
        log: the file that gets what workers print.
        lock: a descriptor that workers hold as long as they live; None is nothing.
    """

    def __init__(
        self,
        hello: Hello,
        jobs: int,
        threads: int,
        timeout: float | None,
        log: Path,
        lock: int | None = None,
    ) -> None:
        self._hello, self.jobs, self.threads = hello, jobs, threads
        self._timeout, self._lock = timeout, lock
        self._log_path = log
        with writing(log):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._log = os.fdopen(open_to_write(log, flags), "ab", buffering=0)
        self._ceased = False
        self._numbers = count()
        self._idle: list[_Worker] = []
        self._busy: dict[int, _Worker] = {}
        self._selector = selectors.DefaultSelector()

    @property
    def free(self) -> int:
        """How many tasks can be submitted now."""
        return self.jobs - len(self._busy)

    def submit(self, task: Task) -> int:
        """Give a task to a worker.

        Raises:
            MachineError: no worker can be started.
        """
        number = next(self._numbers)
        worker = self._idle.pop() if self._idle else self._start()
        worker.begin(number, task, self._timeout)
        self._busy[number] = worker
        return number

    def answer(self, number: int, *, goes_on: bool) -> None:
        """Tell a task that asked whether it goes on."""
        self._busy[number].send(Answer(goes_on))

    def news(self, timeout: float) -> Sequence[News]:
        """What the workers said, and which of them are gone.

        Raises:
            MachineError: a worker ended before it was ready, as any other would.
        """
        found = []
        for key, _ in self._selector.select(self._until(timeout)):
            worker: _Worker = key.data
            for message in worker.read():
                if isinstance(message, Ended) and message.ceased and not self._ceased:
                    found.append(News(worker.number, Lost("a signal asked its process to stop")))
                    del self._busy[worker.number]
                    self._forget(worker)  # it takes no other task
                    worker.process.wait()
                    break
                if isinstance(message, Epoch | Ended | Failed):
                    found.append(News(worker.number, message))
                if isinstance(message, Ended | Failed):
                    self._idle.append(self._busy.pop(worker.number))
            if worker.gone:
                found += self._bury(worker)
        for worker in [each for each in self._busy.values() if each.overdue]:
            worker.process.kill()
            worker.process.wait()
            self._forget(worker)
            del self._busy[worker.number]
            found.append(News(worker.number, Crashed(f"no end after {self._timeout:g} s")))
        return found

    def waiting(self) -> str | None:
        """Nothing keeps this machine from it."""
        return None

    def cease(self) -> None:
        """Ask all tasks to stop."""
        self._ceased = True
        for worker in self._busy.values():
            worker.send(Cease())

    def close(self) -> None:
        """End the workers."""
        workers = [*self._idle, *self._busy.values()]
        for worker in self._busy.values():
            worker.process.kill()
        for worker in workers:
            worker.hang_up()
        for worker in workers:
            try:
                worker.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
        self._idle, self._busy = [], {}
        self._selector.close()
        self._log.close()

    def _until(self, timeout: float) -> float:
        ends = [each.deadline for each in self._busy.values() if each.deadline is not None]
        return max(0.0, min([timeout, *(end - time.monotonic() for end in ends)]))

    def _start(self) -> _Worker:
        try:
            with held_back():
                process = subprocess.Popen(
                    [sys.executable, "-P", "-c", _PROGRAM, str(_HOME)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._log,
                    pass_fds=() if self._lock is None else (self._lock,),
                    env={**os.environ, "DLRUN_THREADS": str(self.threads)},
                    start_new_session=True,  # Ctrl-C is for the study
                )
        except OSError as fault:
            what = fault.strerror or fault
            raise MachineError(f"a worker cannot start ({sys.executable}): {what}") from fault
        worker = _Worker(process)
        worker.send(self._hello)
        assert worker.process.stdout is not None
        os.set_blocking(worker.process.stdout.fileno(), False)
        self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        return worker

    def _bury(self, worker: _Worker) -> list[News]:
        code = worker.process.wait()
        self._forget(worker)
        if worker in self._idle:
            self._idle.remove(worker)
            return []
        if code == RESUMABLE:
            del self._busy[worker.number]
            return [News(worker.number, Lost("a signal ended its process"))]
        if code > 0 and not worker.ready:
            raise MachineError(f"a worker cannot start ({_cause(code)}); see {self._log_path}")
        del self._busy[worker.number]
        return [News(worker.number, Crashed(_cause(code), worker.ready))]

    def _forget(self, worker: _Worker) -> None:
        assert worker.process.stdout is not None
        self._selector.unregister(worker.process.stdout)
        worker.hang_up()


class _Worker:
    """The study's end of a worker.

    Attributes:
        number: of its task.
        ready: whether it has said anything yet.
        gone: whether its output has ended.
        deadline: of its task, by the monotonic clock.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.number = -1
        self.ready = self.gone = False
        self.deadline: float | None = None
        self._rest = b""

    @property
    def overdue(self) -> bool:
        """Whether its task should have ended."""
        return self.deadline is not None and time.monotonic() >= self.deadline

    def begin(self, number: int, task: Task, timeout: float | None) -> None:
        """Hand it a task."""
        self.number = number
        self.deadline = None if timeout is None else time.monotonic() + timeout
        self.send(task)

    def send(self, message: Message) -> None:
        """Say something; a worker that is gone is noticed where its output ends."""
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(encoded(message))
            self.process.stdin.flush()

    def read(self) -> list[Message]:
        """What it has said since."""
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
        """Close both pipes, at which it ends."""
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what it was sent and never read
                pipe.close()


def _cause(code: int) -> str:
    """An exit code in words."""
    if code >= 0:
        return f"its process ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    hint = " (out of memory?)" if name == "SIGKILL" else ""
    return f"its process was killed by {name}{hint}"
