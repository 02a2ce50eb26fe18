"""The trainings of all folds, in one directory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from dlrun import catalog
from dlrun.cross_validation.place import Place
from dlrun.cross_validation.scores import FoldScores, together
from dlrun.cross_validation.whole import Whole
from dlrun.experiment.compile import Compiled, compile_document
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.plugins import Allow
from dlrun.following.run_end import ended
from dlrun.intervals import Scale
from dlrun.launch.command import command_of
from dlrun.launch.finished import Finished
from dlrun.launch.resume_compiled import resume_compiled
from dlrun.launch.start_compiled import start_compiled
from dlrun.launch.training import Training
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.run_directory.access import present
from dlrun.run_directory.directory import RunDirectory
from dlrun.spec.document import Document
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.study.store.scales import scales
from dlrun.training.events import RunEnded

_KEY = "data.split.fold"


@dataclass(frozen=True, slots=True)
class Fold:
    """A training that is about to start, one of several."""

    number: int
    of: int
    training: Training


class CrossValidation:
    """The trainings of all folds, in one directory.

    It has spec, environment and result, and a run directory ``fold-1`` and so on of each training.
    It is made once the first fold is read.  Its lock is held until it is left, as a context
    manager, or the process ends.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        folds: how many, from ``folds_of``.
        place: finds or makes the directory.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run.
    """

    def __init__(
        self,
        spec: Given,
        overrides: Overrides,
        folds: int,
        place: Place,
        *,
        allow_changes: bool = False,
        allow_plugins: Allow = False,
    ) -> None:
        self._spec, self._overrides, self._folds, self._place = spec, overrides, folds, place
        self._allow_changes, self._allow_plugins = allow_changes, allow_plugins
        self._whole: Whole | None = None
        self._ended: list[RunEnded] = []
        self._scales: Mapping[str, Scale] = {}
        self._began: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the directory."""
        if self._whole is not None:
            self._whole.lock.release()

    @property
    def directory(self) -> RunDirectory:
        """Where everything is written; it exists after the start of the first fold."""
        assert self._whole is not None
        return self._whole.directory

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of the directory, one line each."""
        return () if self._whole is None else self._whole.notes

    @property
    def trained(self) -> bool:
        """Whether this process has trained any fold."""
        return self._began is not None

    def __iter__(self) -> Iterator[Fold]:
        """Each fold in turn that is not finished: train it to its end before taking the next.

        A fold that a signal or ``max_time`` stops is the last.

        Raises:
            SpecError: the spec or its data has errors.
            InputError: nothing can be resumed, or something has changed.
            DataError: a directory cannot be written, or another process is training there.
        """
        return self.trainings(lambda: UNWATCHED)

    def trainings(self, probe: Callable[[], Probe]) -> Iterator[Fold]:
        """The same, with a probe for each training."""
        for number in range(1, self._folds + 1):
            training = self._begin(number, probe())
            if isinstance(training, RunEnded):
                self._ended.append(training)
                continue
            yield Fold(number, self._folds, training)
            assert training.ended is not None
            self._ended.append(training.ended)
            if training.ended.status == "stopped":
                return

    def finish(self) -> FoldScores:
        """Average the scores and, last of all, write them.

        Raises:
            DataError: they cannot be written.
        """
        scored = together(self._ended, self._folds, self._scales)
        self.directory.finish(scored.as_json())
        return scored

    def _begin(self, number: int, probe: Probe) -> Training | RunEnded:
        """Start or resume a fold; how it ended if nothing is left to do."""
        if isinstance(self._overrides, Mapping):
            overrides: Overrides = {**self._overrides, _KEY: number}
        else:
            overrides = [*self._overrides, f"{_KEY}={number}"]
        with probe.part("setup"):
            catalog.load()
            document = Document.open(self._spec, Experiment, overrides)
            compiled = compile_document(document, allow_plugins=self._allow_plugins)
        self._scales = scales(compiled)
        folder = document.path.parent
        with ExitStack() as alone:
            if self._whole is None:
                self._whole = self._open(document, compiled.experiment.anchored(folder), alone)
            training = self._start(number, self._whole, compiled, folder, probe)
            if isinstance(training, Training):
                self._whole.begin()
        if isinstance(training, Finished):
            self._whole.keep_paths()
            return ended(training.directory)
        self._limit(training, compiled.experiment.max_time)
        return training

    def _open(
        self, document: Document[Experiment], experiment: Experiment, alone: ExitStack
    ) -> Whole:
        """The directory, found or made; other processes wait until ``alone`` is left."""
        command = command_of(document, self._overrides)
        place = self._place.directory(experiment.name, command, document.path)
        directory, resumed, notes = alone.enter_context(place)
        if not resumed:
            return Whole.start(directory, experiment, document.content, command, notes)
        return Whole.resume(
            directory,
            experiment,
            document,
            notes,
            allow_changes=self._allow_changes,
            allow_plugins=self._allow_plugins,
        )

    def _start(
        self, number: int, whole: Whole, compiled: Compiled, folder: Path, probe: Probe
    ) -> Training | Finished:
        """The training of a fold, if anything is left to do."""
        fold, group = whole.fold(number), whole.directory.path
        if not (present(fold.resolved_file) or fold.has_progress):
            return start_compiled(
                compiled,
                whole.spec,
                folder,
                partial(_made, fold),
                describe=whole.describe,
                probe=probe,
                group=group,
            )
        RunDirectory.open(fold.path)
        if fold.has_ended and fold.training_result()["status"] == "diverged":  # and would again
            return Finished(fold)
        training = resume_compiled(
            compiled,
            fold,
            folder,
            describe=whole.describe,
            allow_changes=self._allow_changes,
            allow_plugins=self._allow_plugins,
            probe=probe,
            group=group,
        )
        if isinstance(training, Training):
            fold.write_spec(whole.spec)
        return training

    def _limit(self, training: Training, max_time: float | None) -> None:
        """Let the time limit count from the start of the first training of this process."""
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        training.stop.limit(max_time, now - self._began)


def _made(fold: RunDirectory) -> RunDirectory:
    """The directory of a fold; it is there if a process was killed before it was complete."""
    return fold if fold.path.is_dir() else RunDirectory.make(fold.path)
