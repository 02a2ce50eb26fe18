"""The run directory: everything that a run leaves, and the one way to write and read it.

    spec.yaml           as written          resolved.yaml      everything, defaults included
    environment.json    what it ran on      metrics.csv        a row an epoch
    log.txt             what was shown      checkpoints/       safetensors and a manifest
    lock                who writes it now
    plots/              pictures            confusion.csv      counts by class
    left-out.csv        files of data that could not be used, where there are any
    profile/            where the time went, where somebody asked
    result.json         how it ended: written last, atomically

A run without ``result.json`` is unfinished.  Every method that writes raises DataError where the
disk is full or the folder is read-only, every method that reads where a file is missing or broken.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from dlrun.errors import DataError
from dlrun.runs import metrics, weights
from dlrun.runs.access import linked, make_folder, present, writing
from dlrun.runs.atomic import append, remove, replace, sweep
from dlrun.runs.confusion import Confusion, read_confusion, write_confusion
from dlrun.runs.identity import new_id
from dlrun.runs.json_text import read_object, to_json
from dlrun.runs.result import read_result

if TYPE_CHECKING:
    from dlrun.arrays import Array


class RunDirectory:
    """One run's directory; get it by ``create``, ``make`` or ``open``.

    Attributes:
        path: the directory.
        spec_file, resolved_file, environment_file, metrics_file, log_file, confusion_file,
            left_out_file, result_file: the files in it, there or not.
        checkpoints, plots, profile: the folders in it, there or not.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec_file = path / "spec.yaml"
        self.resolved_file = path / "resolved.yaml"
        self.environment_file = path / "environment.json"
        self.metrics_file = path / "metrics.csv"
        self.log_file = path / "log.txt"
        self.confusion_file = path / "confusion.csv"
        self.left_out_file = path / "left-out.csv"
        self.result_file = path / "result.json"
        self.checkpoints = path / "checkpoints"
        self.plots = path / "plots"
        self.profile = path / "profile"
        self._stored = weights.Checkpoints(self.checkpoints)

    def __repr__(self) -> str:
        return f"RunDirectory({str(self.path)!r})"

    @classmethod
    def create(cls, root: Path, name: str) -> RunDirectory:
        """Make ``root/name/id`` with an id of its own, however many do so at once.

        Raises:
            DataError: the directory cannot be made.
        """
        parent = root / name
        with writing(parent):
            parent.mkdir(parents=True, exist_ok=True)
        while True:
            path = parent / new_id()
            with writing(parent), suppress(FileExistsError):
                path.mkdir()
                return cls(path)

    @classmethod
    def make(cls, path: Path) -> RunDirectory:
        """Make the directory ``path``, which must not be there, and the folders above it.

        Raises:
            DataError: the directory cannot be made.
        """
        with writing(path):
            path.mkdir(parents=True)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """An existing run's directory.

        Raises:
            DataError: there is none, or it is no run's.
        """
        run = cls(path)
        if not path.is_dir():
            raise DataError(f"{path}: there is no such run directory")
        if not present(run.resolved_file):
            raise DataError(f"{path}: not a run directory: it has no {run.resolved_file.name}")
        if run.resolved_file.is_symlink():
            raise linked(run.resolved_file)
        return run

    @classmethod
    def latest(
        cls, root: Path, name: str, call: Mapping[str, Any]
    ) -> tuple[RunDirectory | None, tuple[str, ...]]:
        """The newest run of a name that was begun by a call, as its environment says.

        What was killed before it had said that is left out.

        Returns:
            The run, if there is one, and a line for each newer one that cannot be read.
        """
        parent, notes = root / name, list[str]()
        found = parent.iterdir() if parent.is_dir() else ()
        for path in sorted(found, key=lambda each: each.name, reverse=True):
            run = cls(path)
            try:
                if not present(run.resolved_file):
                    continue
                if cls.open(path).environment().get("call") == call:
                    return run, tuple(notes)
            except DataError as fault:
                notes.append(f"{fault}; that run is passed over")
        return None, tuple(notes)

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.path.resolve().parent.name

    @property
    def id(self) -> str:
        """The run's id."""
        return self.path.resolve().name

    @property
    def status(self) -> str:
        """How the run ended; ``unfinished`` while it runs and where it was cut off.

        Raises:
            DataError: result.json is broken.
        """
        return str(self.result()["status"]) if self.has_ended else "unfinished"

    @property
    def has_ended(self) -> bool:
        """Whether there is a result, whole or not."""
        return present(self.result_file)

    def write_spec(self, content: bytes) -> None:
        """Keep the spec, byte for byte."""
        replace(self.spec_file, content)

    def write_resolved(self, text: str) -> None:
        """Keep the resolved spec."""
        replace(self.resolved_file, text)

    def write_environment(self, environment: Mapping[str, Any]) -> None:
        """Keep what the run runs on; see ``dlrun.runs.environment``."""
        replace(self.environment_file, to_json(environment, indent=2) + "\n")

    def environment(self) -> dict[str, Any]:
        """What the run ran on."""
        return read_object(self.environment_file)

    def append_metrics(self, row: Mapping[str, float]) -> None:
        """Add an epoch's row to metrics.csv; every row has the keys of the first."""
        metrics.append_row(self.metrics_file, row)

    def metrics(self) -> dict[str, list[float]]:
        """The columns of metrics.csv; see ``dlrun.runs.metrics.read_columns``."""
        return metrics.read_columns(self.metrics_file)

    def mark_metrics(self, epochs: int | None = None) -> dict[str, Any]:
        """How far metrics.csv is now, or was behind an epoch; see ``dlrun.runs.metrics.mark``."""
        return metrics.mark(self.metrics_file, epochs)

    def check_metrics(self, mark: Mapping[str, Any]) -> None:
        """Make sure of what stood there at a mark; see ``dlrun.runs.metrics.check``."""
        metrics.check(self.metrics_file, mark)

    def cut_metrics(self, mark: Mapping[str, Any] | None) -> None:
        """Take away what came behind a mark; see ``dlrun.runs.metrics.cut``."""
        metrics.cut(self.metrics_file, mark)

    def log(self, line: str) -> None:
        """Add a line to log.txt."""
        append(self.log_file, f"{line}\n")

    def save_weights(
        self,
        name: Literal["best", "last"],
        arrays: Mapping[str, Array],
        metadata: Mapping[str, Any],
        beside: Mapping[str, Any] = MappingProxyType({}),
    ) -> Path:
        """Write a checkpoint, atomically; see ``dlrun.runs.weights.Checkpoints.save``."""
        return self._stored.save(name, arrays, metadata, beside)

    def load_weights(self, name: weights.Checkpoint) -> weights.Weights:
        """Read a checkpoint and verify its SHA-256; see ``dlrun.runs.weights.Checkpoints.load``."""
        return self._stored.load(name)

    def has_weights(self, name: weights.Checkpoint) -> bool:
        """Whether there is such a checkpoint, whole or not."""
        return self._stored.exists(name)

    def reopen(self) -> None:
        """Make an ended or killed run an unfinished one: without result and unfinished files."""
        remove(self.result_file)
        sweep(self.path)
        for folder in (self.checkpoints, self.plots, self.profile):
            sweep(folder, inner=True)

    @property
    def has_progress(self) -> bool:
        """Whether there is anything that training has brought."""
        kept: tuple[weights.Checkpoint, ...] = ("last", "previous", "best")
        files = (self.metrics_file, self.result_file)
        return any(map(self.has_weights, kept)) or any(map(present, files))

    def discard(self) -> None:
        """Take a run's progress away, so that it is trained again; its spec stays.

        Raises:
            DataError: something cannot be removed; the run is still one that can be resumed.
        """
        remove(self.result_file)
        self._stored.discard()

    def write_confusion(self, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        """Keep (k, k) counts; rows are true, columns predicted classes."""
        write_confusion(self.confusion_file, classes, matrix)

    def confusion(self) -> Confusion:
        """The counts by class."""
        return read_confusion(self.confusion_file)

    def write_left_out(self, files: Sequence[tuple[str, str]]) -> None:
        """Keep which files of the data could not be used, each with what is wrong with it."""
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([("file", "fault"), *files])
        # Names of files need not be text.
        replace(self.left_out_file, text.getvalue().encode(errors="backslashreplace"))

    def write_profile(
        self, table: Sequence[Mapping[str, object]], trace: Mapping[str, object]
    ) -> None:
        """Keep where the time went: rows of the same keys, and a trace for Chrome's viewer."""
        make_folder(self.profile)
        text = io.StringIO()
        writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)
        replace(self.profile / "layers.csv", text.getvalue(), inner=True)
        replace(self.profile / "trace.json", to_json(trace), inner=True)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Say how the run ended; nothing is written after it. NaN and infinities become null."""
        replace(self.result_file, to_json(result, indent=2) + "\n")

    def result(self) -> dict[str, Any]:
        """How the run ended.

        Raises:
            DataError: it has not, or the file is broken.
        """
        if not self.has_ended:
            raise DataError(f"{self.path}: the run is unfinished: no {self.result_file.name} yet")
        return read_result(self.result_file)

    def training_result(self) -> dict[str, Any]:
        """How the training ended.

        Raises:
            DataError: it has not, the file is broken, or it is one of a cross-validation.
        """
        found = self.result()
        if "folds" in found:
            raise DataError(
                f"{self.path}: a cross-validation has no weights of its own; take one of its "
                f"folds, such as {self.path / 'fold-1'}"
            )
        return found
