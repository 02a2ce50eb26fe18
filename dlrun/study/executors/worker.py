"""A worker of a study: a process that trains one run after another, as it is told.

``main`` is what an executor starts; ``dlrun.study.executors.protocol`` is what it reads and writes.
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
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, BinaryIO

from dlrun import api, catalog
from dlrun.data.kept import KeptData
from dlrun.errors import DataError, DlrunError, InputError, of_the_machine
from dlrun.libraries import leave_out_settings
from dlrun.printable import printable
from dlrun.runs import environment
from dlrun.runs.access import need_folder, present, writing
from dlrun.runs.atomic import hurried
from dlrun.runs.directory import RunDirectory
from dlrun.runs.ending import Ending
from dlrun.runs.lock import Lock
from dlrun.spec import overrides as override
from dlrun.spec.problems import Problems
from dlrun.study.executors.protocol import (
    Answer,
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
from dlrun.study.results.scores import scores_of
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.cost import costs
from dlrun.training.compile import Compiled, compile_document
from dlrun.training.events import EpochEnded, RunStarted
from dlrun.training.stop import RESUMABLE, Stop, let_through

_INTERVAL = 0.1
"""Seconds between two reports of epochs, at least."""
_PATIENCE = 60.0
"""Seconds for a process to end that nobody waits for any more."""

_STUDY_STOPPED = Ending("study_stopped")


class Worker:
    """Trains what it is asked to.

    Args:
        hello: the spec.
        replies: where to answer.

    Attributes:
        busy: whether it has a task that it has not answered yet.
    """

    def __init__(self, hello: Hello, replies: BinaryIO) -> None:
        self._base = Base.parse(hello.spec, hello.name, Path(hello.folder))
        self._replies = replies
        self._plugins = frozenset(hello.plugins)
        self._data = KeptData()
        self._environment: dict[str, Any] | None = None
        self._stop: Stop | None = None
        self._ceased = self.busy = False
        self._notes: list[str] = []
        self._answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def reply(self, message: Message) -> None:
        """Answer at once; where nobody listens any more, whoever reads our input notices it."""
        with suppress(BrokenPipeError):
            self._replies.write(encoded(message))
            self._replies.flush()

    def cease(self) -> None:
        """Stop what is trained; called from another thread."""
        self._ceased = True
        if self._stop is not None:
            self._stop.halted = _STUDY_STOPPED
        self.answer(goes_on=False)

    def answer(self, *, goes_on: bool) -> None:
        """Whether the task that asked goes on; called from another thread."""
        self._answers.put(goes_on)

    def do(self, task: Task) -> None:
        """Train a run to its end, and say how it went."""
        self.busy = True
        try:
            with hurried():  # of nine files a run; the scores are safe in the study's journal
                ended = self._train(task)
            self.reply(ended)
        except MemoryError:
            self.reply(self._failed("out of memory", None))
        except DlrunError as fault:
            self.reply(self._failed("; ".join(fault.lines()), fault))
        except Exception as fault:  # of one trial, which must not end the others
            for line in traceback.format_exc().splitlines():
                print(printable(line), file=sys.stderr)
            what = "" if of_the_machine(fault) else "internal error: "
            self.reply(self._failed(f"{what}{type(fault).__name__}: {fault}", fault))
        finally:
            self._stop = None
            self.busy = False
            self._notes = []

    def _failed(self, reason: str, fault: Exception | None) -> Failed:
        return Failed(reason, of_the_machine(fault), self._notes)

    def _train(self, task: Task) -> Message:
        problems = Problems()
        settings = override.read(task.settings, problems)
        document = self._base.document(settings, problems)
        compiled = compile_document(document, self._data, allow_plugins=self._allows)
        training = self._open(compiled, task)
        if isinstance(training, api.Run):  # killed behind its end, before anybody knew
            spent = costs(compiled, training.result["epochs"])
            return Ended(spent, ceased=False, notes=self._notes)
        self._answers = queue.SimpleQueue()
        self._stop = training.stop
        if self._ceased:  # just before
            training.stop.halted = _STUDY_STOPPED
        epochs, next_report = compiled.experiment.epochs, -math.inf
        with training:
            for event in training.events():
                if isinstance(event, RunStarted) and 0 < task.epochs <= event.epoch:
                    # It was killed just after the rung, and what is stored lies beyond it.
                    training.directory.discard()
                    break
                if isinstance(event, EpochEnded):
                    if event.epoch == task.epochs < epochs:
                        training.stop.halted = Ending("rung", task.epochs)
                    asks = task.asks and event.epoch < (task.epochs or epochs)
                    now = time.monotonic()
                    if asks or now >= next_report:
                        score = event.row.get(task.score)
                        self.reply(Epoch(event.epoch, task.epochs or epochs, score))
                        next_report = now + _INTERVAL
                    if asks and not self._answers.get() and not training.stop.halted:
                        training.stop.halted = Ending("pruned")
            else:
                training.finish(pictures=False)
        ended = training.ended
        if ended is None:
            del training  # before there is as much memory again
            return self._train(task)
        spent = costs(compiled, ended.epochs)
        return Ended(spent, ceased=ended.ended_by == _STUDY_STOPPED, notes=self._notes)

    def _open(self, compiled: Compiled, task: Task) -> api.Training | api.Run:
        """Resume the run from an earlier rung or attempt, or begin it.

        Where there is progress that cannot be used, by this spec or with these versions, the
        directory is moved aside and kept, and the run begins again.
        """
        path, folder = Path(task.directory), self._base.folder
        describe = partial(self._describe, task.settings)
        make = partial(RunDirectory.make, path)
        for each in (path.parent, path):
            need_folder(each)
        if path.is_dir():
            _wait_for(path)
            directory = RunDirectory(path)
            self._need_a_whole_result(directory)
            try:
                return api.carry_on(
                    compiled, directory, folder, describe=describe, allow_plugins=self._allows
                )
            except InputError as fault:
                if of_the_machine(fault):
                    raise
                if directory.has_progress:
                    self._notes.append(_moved_aside(path, fault))
                else:  # it was killed before there was much
                    directory.reopen()
                    make = partial(RunDirectory, path)
        return api.begin(compiled, self._base.text.encode(), folder, make, describe=describe)

    def _need_a_whole_result(self, directory: RunDirectory) -> None:
        """Take a run whose result is broken, as by a power cut, as one that is unfinished."""
        if not directory.has_ended:
            return
        try:
            result = directory.training_result()
            scores_of(directory, result)
        except DataError as fault:
            if of_the_machine(fault):
                raise
            self._notes.append(f"{fault}; the run is taken as unfinished")
            directory.reopen()

    def _allows(self, file: Path, digest: str) -> bool:
        """Whether a Python file is one that the study has run."""
        return digest in self._plugins

    def _describe(
        self, settings: Mapping[str, Any], fingerprint: str, threads: int
    ) -> dict[str, Any]:
        """What the run runs on; but for data and command that does not change in a process."""
        if self._environment is None:
            self._environment = environment.collect(fingerprint, threads)
        command = ["dlrun", "train", "spec.yaml", *(f"{k}={v}" for k, v in settings.items())]
        return {**self._environment, "command": command, "data": fingerprint, "threads": threads}


def _moved_aside(path: Path, fault: InputError) -> str:
    """Give a run's directory another name; a line that says so and why."""
    number = next(n for n in count(1) if not present(path.with_name(f"{path.name}.kept-{n}")))
    kept = path.with_name(f"{path.name}.kept-{number}")
    with writing(kept):
        path.rename(kept)
    why = "; ".join(fault.lines())
    return f"trained again from the start; what there was is kept in {kept}: {why}"


def _wait_for(path: Path) -> None:
    """Let another process end that still trains there: its study, or its machine, is just gone.

    Raises:
        DataError: it does not.
    """
    give_up = time.monotonic() + _PATIENCE
    while True:
        try:
            Lock.acquire(path).release()
        except DataError:
            if time.monotonic() >= give_up:
                raise
            time.sleep(_INTERVAL)
        else:
            return


def main() -> None:
    """Serve the study at the other end of standard input and output."""
    assert catalog.MODULES
    leave_out_settings()
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever prints must not come between the replies
    faulthandler.enable()
    for number in (signal.SIGINT, signal.SIGHUP):  # meant for the study, which tells us
        signal.signal(number, signal.SIG_IGN)
    worker: Worker | None = None
    leaving = False

    def leave(number: int, frame: FrameType | None) -> None:
        """A batch system signals all processes of a job: store what is trained, and end."""
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
                worker.answer(goes_on=message.goes_on)
            elif isinstance(message, Task):
                tasks.put(message)
        if not leaving:
            os._exit(0)  # the study is gone

    threading.Thread(target=listen, daemon=True).start()
    worker.reply(Ready())
    while not leaving:
        worker.do(tasks.get())
    os._exit(RESUMABLE)
