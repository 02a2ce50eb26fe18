"""Workers on this machine: processes that are started once and train one run after another."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from dlrun import portable
from dlrun.child_command import child_command
from dlrun.errors import MachineError
from dlrun.run_directory.access import open_to_write, writing
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.executors.process_end import cause_of_end, killed_from_outside, memory_kills
from dlrun.study.executors.protocol import Answer, Cease, Ended, Epoch, Failed, Hello, Task
from dlrun.study.executors.worker_process import WorkerProcess
from dlrun.training.signals import held_back
from dlrun.training.stop import RESUMABLE

_PATIENCE = 5.0
"""Seconds to wait for a worker to end before it is killed."""


class LocalExecutor:
    """A number of workers; one that dies only affects its own task, and is replaced.

    Args:
        hello: the first message to every worker.
        jobs: number of workers.
        threads: of each worker.
        timeout: time limit of a task in seconds; None for no limit.
        log: file for the output of workers.
        lock: a descriptor that workers hold while they run; None for none.
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
        self._idle: list[WorkerProcess] = []
        self._busy: dict[int, WorkerProcess] = {}
        self._selector = selectors.DefaultSelector()

    @property
    def free(self) -> int:
        """Number of tasks that can be submitted now."""
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

    def answer(self, number: int, *, continues: bool) -> None:
        """Answer a task that asked whether to train another epoch."""
        self._busy[number].send(Answer(continues))

    def news(self, timeout: float) -> Sequence[News]:
        """Messages of the workers, and the ends of those that died.

        Raises:
            MachineError: a worker failed to start, as any other one would.
        """
        found = []
        for key, _ in self._selector.select(self._until(timeout)):
            worker: WorkerProcess = key.data
            for message in worker.read():
                if isinstance(message, Ended) and message.ceased and not self._ceased:
                    found.append(News(worker.number, Lost("a signal asked its process to stop")))
                    del self._busy[worker.number]
                    self._forget(worker)  # it accepts no other task
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
            found.append(News(worker.number, Crashed(f"not finished after {self._timeout:g} s")))
        return found

    def waiting(self) -> str | None:
        """None: workers on this machine start at once."""
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

    def _start(self) -> WorkerProcess:
        variables = {**os.environ, "DLRUN_THREADS": str(self.threads)}
        if self._hello.portable:  # a cluster's process, which starts workers, need not be pinned
            variables = portable.environment(variables)
        try:
            with held_back():
                process = subprocess.Popen(
                    child_command("dlrun.study.executors.worker:main"),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._log,
                    pass_fds=() if self._lock is None else (self._lock,),
                    env=variables,
                    start_new_session=True,  # Ctrl-C is for the study
                )
        except OSError as error:
            what = error.strerror or error
            raise MachineError(f"a worker cannot start ({sys.executable}): {what}") from error
        worker = WorkerProcess(process)
        worker.send(self._hello)
        assert worker.process.stdout is not None
        os.set_blocking(worker.process.stdout.fileno(), False)
        self._selector.register(worker.process.stdout, selectors.EVENT_READ, worker)
        return worker

    def _bury(self, worker: WorkerProcess) -> list[News]:
        code = worker.process.wait()
        self._forget(worker)
        if worker in self._idle:
            self._idle.remove(worker)
            return []
        outside = killed_from_outside(code, worker.kills, memory_kills())
        if code == RESUMABLE or outside is not None:
            del self._busy[worker.number]
            return [News(worker.number, Lost(outside or "a signal ended its process"))]
        if code > 0 and not worker.ready:
            raise MachineError(
                f"a worker cannot start ({cause_of_end(code)}); see {self._log_path}"
            )
        del self._busy[worker.number]
        return [News(worker.number, Crashed(cause_of_end(code), worker.ready))]

    def _forget(self, worker: WorkerProcess) -> None:
        assert worker.process.stdout is not None
        self._selector.unregister(worker.process.stdout)
        worker.hang_up()
