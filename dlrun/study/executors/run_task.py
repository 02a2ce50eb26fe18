"""The runs of a worker: each is started or resumed, trained to its end, and reported."""

from __future__ import annotations

import math
import queue
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from dlrun.data.prepared_cache import KeptData
from dlrun.errors import DataError, DlrunError, InputError, MachineError, of_the_machine
from dlrun.experiment.compile import Compiled, compile_document
from dlrun.launch.finished import Finished
from dlrun.launch.resume_compiled import resume_compiled
from dlrun.launch.start_compiled import start_compiled
from dlrun.launch.training import Training
from dlrun.printable import printable
from dlrun.run_directory import environment
from dlrun.run_directory.access import need_folder, present, writing
from dlrun.run_directory.atomic import hurried
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.run_directory.lock import Lock
from dlrun.spec import overrides as override
from dlrun.spec.flow import flow
from dlrun.spec.problems import Problems
from dlrun.study.executors.protocol import Ended, Epoch, Failed, Hello, Message, Task, encoded
from dlrun.study.executors.seen_data import SeenData
from dlrun.study.results.scores import scores_of
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.cost import costs
from dlrun.training.events import EpochEnded, Restarted, RunStarted
from dlrun.training.stop import Stop

_INTERVAL = 0.1
"""Minimum seconds between two reports of epochs."""


_PATIENCE = 60.0
"""Seconds to wait for the process of a killed study to end."""


_STUDY_STOPPED = Ending("study_stopped")


class Worker:
    """Trains the runs of a study.

    Args:
        hello: the first message, with the spec.
        replies: the stream for its messages.

    Attributes:
        busy: whether it has a task that it has not answered yet.
    """

    def __init__(self, hello: Hello, replies: BinaryIO) -> None:
        self._base = Base.parse(hello.spec, hello.name, Path(hello.folder))
        self._replies = replies
        self._plugins = frozenset(hello.plugins)
        self._data, self._seen = KeptData(), SeenData(hello.data)
        self._environment: dict[str, Any] | None = None
        self._stop: Stop | None = None
        self._ceased = self.busy = False
        self._notes: list[str] = []
        self._warned: set[str] = set()
        self._answers: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def reply(self, message: Message) -> None:
        """Send a message at once; if the study is gone, the thread that reads the input ends it."""
        with suppress(BrokenPipeError):
            self._replies.write(encoded(message))
            self._replies.flush()

    def cease(self) -> None:
        """Stop the current run; called from another thread."""
        self._ceased = True
        if self._stop is not None:
            self._stop.halted = _STUDY_STOPPED
        self.answer(continues=False)

    def answer(self, *, continues: bool) -> None:
        """Answer the task whether to train another epoch; called from another thread."""
        self._answers.put(continues)

    def do(self, task: Task) -> None:
        """Train a run to its end, and report the result."""
        self.busy = True
        try:
            with hurried():  # nine files per run; the scores are safe in the study's journal
                ended = self._train(task)
            self.reply(ended)
        except MemoryError:
            self.reply(self._failed("out of memory", None))
        except DlrunError as error:
            self.reply(self._failed("; ".join(error.lines()), error))
        except Exception as error:  # of one trial, which must not end the others
            for line in traceback.format_exc().splitlines():
                print(printable(line), file=sys.stderr)
            what = "" if of_the_machine(error) else "internal error: "
            self.reply(self._failed(f"{what}{type(error).__name__}: {error}", error))
        finally:
            self._stop = None
            self.busy = False
            self._notes = []

    def _failed(self, reason: str, error: Exception | None) -> Failed:
        return Failed(reason, of_the_machine(error), self._notes)

    def _train(self, task: Task) -> Message:
        problems = Problems()
        settings = override.read(task.settings, problems)
        document = self._base.document(settings, problems)
        compiled = compile_document(document, self._data, allow_plugins=self._allows)
        self._seen.need_same(compiled)
        training = self._open(compiled, task)
        if isinstance(training, Finished):  # killed after its end, before it was recorded
            spent = costs(compiled, training.directory.result()["epochs"])
            return Ended(spent, ceased=False, notes=self._notes)
        self._answers = queue.SimpleQueue()
        self._stop = training.stop
        # One limit for all rungs of a run, and for what was trained before an interruption.
        training.stop.limit(compiled.experiment.max_time, training.seconds)
        if self._ceased:  # before the run had its stop
            training.stop.halted = _STUDY_STOPPED
        epochs, next_report = compiled.experiment.epochs, -math.inf
        with training:
            for event in training.events():
                if isinstance(event, RunStarted):
                    if event.epoch < task.forked:
                        raise _lost_fork(training.directory.path, "its checkpoint is missing")
                    beyond = 0 < task.epochs <= event.epoch
                    if beyond and (event.epoch, event.step) == (task.epochs, 0):
                        # It was killed just after the rung, and only its scores are missing.
                        training.stop.halted = Ending("rung", task.epochs)
                    elif beyond:  # an older journal was restored
                        if task.forked:
                            what = f"its checkpoint is beyond epoch {task.epochs}"
                            raise _lost_fork(training.directory.path, what)
                        training.directory.discard()
                        break
                if isinstance(event, Restarted):
                    place = f"epoch {event.epoch}" if event.epoch else "the initial weights"
                    self._notes.append(f"diverged and restarted from {place}: {event.reason}")
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
                self._note_once(training.finish(pictures=False))
        ended = training.ended
        if ended is None:
            del training  # frees its memory before the next one needs as much
            return self._train(task)
        spent = costs(compiled, ended.epochs)
        return Ended(spent, ceased=ended.ended_by == _STUDY_STOPPED, notes=self._notes)

    def _open(self, compiled: Compiled, task: Task) -> Training | Finished:
        """Resume the run from an earlier rung or attempt, or start it.

        If its progress cannot be used with this spec or these versions, the directory is renamed
        and kept, and the run starts again.
        """
        path, folder = Path(task.directory), self._base.folder
        study = path.absolute().parents[1]  # the run is in its folder trials
        describe = partial(self._describe, task.settings)
        make = partial(RunDirectory.make, path)
        for each in (path.parent, path):
            need_folder(each)
        if path.is_dir():
            _wait_for(path)
            directory = RunDirectory(path)
            self._need_a_whole_result(directory)
            try:
                return resume_compiled(
                    compiled,
                    directory,
                    folder,
                    describe=describe,
                    allow_plugins=self._allows,
                    group=study,
                )
            except InputError as error:
                if of_the_machine(error):
                    raise
                if task.forked:
                    raise _lost_fork(path, "; ".join(error.lines())) from error
                if directory.has_progress:
                    self._notes.append(_moved_aside(path, error))
                else:  # it was killed before its first checkpoint
                    directory.reopen()
                    make = partial(RunDirectory, path)
        if task.forked:
            raise _lost_fork(path, "it is missing")
        spec = self._base.text.encode()
        return start_compiled(compiled, spec, folder, make, describe=describe, group=study)

    def _note_once(self, warnings: Sequence[str]) -> None:
        """Report warnings that no earlier run of this worker had: a server is down for all."""
        for each in warnings:
            if each not in self._warned:
                self._warned.add(each)
                self._notes.append(each)

    def _need_a_whole_result(self, directory: RunDirectory) -> None:
        """Treat a run whose result is broken, for example by a power cut, as unfinished."""
        if not directory.has_ended:
            return
        try:
            result = directory.training_result()
            scores_of(directory, result)
        except DataError as error:
            if of_the_machine(error):
                raise
            self._notes.append(f"{error}; the run is treated as unfinished")
            directory.reopen()

    def _allows(self, file: Path, sha256: str) -> bool:
        """Whether a Python file is one that the study has run."""
        return sha256 in self._plugins

    def _describe(
        self, settings: Mapping[str, Any], fingerprint: str, threads: int
    ) -> dict[str, Any]:
        """The environment of a run; in a process only its data and command change."""
        if self._environment is None:
            self._environment = environment.collect(fingerprint, threads)
        command = ["dlrun", "train", "spec.yaml", *(f"{k}={flow(v)}" for k, v in settings.items())]
        return {**self._environment, "command": command, "data": fingerprint, "threads": threads}


def _lost_fork(path: Path, what: str) -> MachineError:
    """The error of a run that continues another one, which may be trained further by now."""
    return MachineError(
        f"{path}: {what}; the run continues another one, so it cannot start again: restore it, or "
        "run the sweep under another name"
    )


def _moved_aside(path: Path, error: InputError) -> str:
    """Rename a run's directory; returns a line with the reason."""
    number = next(n for n in count(1) if not present(path.with_name(f"{path.name}.kept-{n}")))
    kept = path.with_name(f"{path.name}.kept-{number}")
    with writing(kept):
        path.rename(kept)
    why = "; ".join(error.lines())
    return f"trained again from the start; the previous run is kept in {kept}: {why}"


def _wait_for(path: Path) -> None:
    """Wait for another process that still trains there, because its study was just killed.

    Raises:
        DataError: the process does not end.
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
