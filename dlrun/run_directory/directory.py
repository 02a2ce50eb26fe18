"""The run directory: all files of a run, and the only code that writes and reads them.

    spec.yaml           as written          resolved.yaml      with all defaults
    environment.json    machine, versions   metrics.csv        one row per epoch
    log.txt             printed lines       starts.jsonl       starts and restarts as data
    checkpoints/        safetensors and a manifest
    plots/              pictures            lock               the writing process
    confusion.csv       counts by class     tags.json          tags and a note
    split.csv           set of each sample  left-out.csv       data files that were skipped
    curves.json         final predictions   profile/           time by layer, if requested
    loggers.json        IDs elsewhere       fork.json          the run that this one continues
    result.json         how it ended: written last, atomically

A run without ``result.json`` is unfinished.  Every method that writes raises DataError if the disk
is full or the folder is read-only, every method that reads if a file is missing or broken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from dlrun.errors import DataError
from dlrun.run_directory import metrics, metrics_mark, weights
from dlrun.run_directory.access import linked, present, writing
from dlrun.run_directory.atomic import append, remove, replace, sweep
from dlrun.run_directory.confusion import Confusion, read_confusion, write_confusion
from dlrun.run_directory.curves import Curves, read_curves, write_curves
from dlrun.run_directory.identity import new_id
from dlrun.run_directory.json_text import read_object, to_json
from dlrun.run_directory.not_a_run import need_directory, need_no_study, not_one_training
from dlrun.run_directory.paths import RunPaths
from dlrun.run_directory.profile import write_profile
from dlrun.run_directory.read_arrays import Places, no_places
from dlrun.run_directory.result import need_an_epoch, of_a_training, read_result
from dlrun.run_directory.split import Members, is_split, write_left_out, write_split
from dlrun.run_directory.starts import append_start, read_starts
from dlrun.run_directory.weights import Checkpoint, Wanted, everything
from dlrun.spec.yaml import read_content

if TYPE_CHECKING:
    from dlrun.arrays import Array


class RunDirectory(RunPaths):
    """The directory of one run; use ``create``, ``make`` or ``open``.

    Its paths are described in ``RunPaths``.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._stored = weights.Checkpoints(self.checkpoints)

    def __repr__(self) -> str:
        return f"RunDirectory({str(self.path)!r})"

    @classmethod
    def create(cls, root: Path, name: str) -> RunDirectory:
        """Make ``root/name/id`` with a unique ID, also if several processes do so at once.

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
        """Make the directory ``path``, which must not exist, and the folders above it.

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
            DataError: it does not exist, or is not a run directory but, for example, a study.
        """
        run = cls(path)
        need_directory(path)
        need_no_study(path)
        if not present(run.resolved_file):
            raise DataError(f"{path}: not a run directory: it has no {run.resolved_file.name}")
        if run.resolved_file.is_symlink():
            raise linked(run.resolved_file)
        return run

    @property
    def status(self) -> str:
        """How the run ended; ``unfinished`` while it runs and after a kill.

        Raises:
            DataError: result.json is broken.
        """
        return str(self.result()["status"]) if self.has_ended else "unfinished"

    @property
    def has_ended(self) -> bool:
        """Whether there is a result, valid or not."""
        return present(self.result_file)

    def write_spec(self, content: bytes) -> None:
        """Write the spec, byte for byte."""
        replace(self.spec_file, content)

    def write_resolved(self, text: str) -> None:
        """Write the resolved spec."""
        replace(self.resolved_file, text)

    def read_resolved(self) -> bytes:
        """The content of the resolved spec; SpecError if it cannot be read."""
        return read_content(self.resolved_file)

    def write_environment(self, environment: Mapping[str, Any]) -> None:
        """Write the environment of the run; see ``dlrun.run_directory.environment``."""
        replace(self.environment_file, to_json(environment, indent=2) + "\n")

    def environment(self) -> dict[str, Any]:
        """The environment of the run.

        Raises:
            DataError: the file is missing or broken.
        """
        found = read_object(self.environment_file)
        if not isinstance(data := found.get("data"), str | None):
            raise DataError(
                f"{self.environment_file}: 'data' must be a text with a SHA-256, got "
                f"{str(data)[:60]!r}; the file is broken"
            )
        return found

    def append_metrics(self, row: Mapping[str, float]) -> None:
        """Add the row of an epoch to metrics.csv; every row has the keys of the first."""
        metrics.append_row(self.metrics_file, row)

    def metrics(self) -> dict[str, list[float]]:
        """The columns of metrics.csv; see ``dlrun.run_directory.metrics.read_columns``."""
        return metrics.read_columns(self.metrics_file)

    def mark_metrics(self, epochs: int | None = None) -> dict[str, Any]:
        """Length of metrics.csv, now or after so many epochs; see ``metrics_mark.mark``."""
        return metrics_mark.mark(self.metrics_file, epochs)

    def check_metrics(self, mark: Mapping[str, Any]) -> None:
        """Check metrics.csv up to a mark; see ``dlrun.run_directory.metrics_mark.check``."""
        metrics_mark.check(self.metrics_file, mark)

    def cut_metrics(self, mark: Mapping[str, Any] | None) -> None:
        """Remove the rows of metrics.csv after a mark; see ``metrics_mark.cut``."""
        metrics_mark.cut(self.metrics_file, mark)

    def log(self, line: str) -> None:
        """Add a line to log.txt."""
        append(self.log_file, f"{line}\n")

    def append_start(self, event: Mapping[str, Any]) -> None:
        """Add a start, resume or restart to starts.jsonl; see ``dlrun.run_directory.starts``."""
        append_start(self.starts_file, event)

    def starts(self) -> list[dict[str, Any]]:
        """The starts, resumes and restarts; see ``dlrun.run_directory.starts.read_starts``."""
        return read_starts(self.starts_file)

    def save_weights(
        self,
        name: Literal["best", "last"],
        arrays: Mapping[str, Array],
        metadata: Mapping[str, Any],
        details: Mapping[str, Any] = MappingProxyType({}),
    ) -> Path:
        """Write a checkpoint, atomically; see ``dlrun.run_directory.weights.Checkpoints.save``."""
        return self._stored.save(name, arrays, metadata, details)

    def load_weights(
        self, name: Checkpoint, wanted: Wanted = everything, places: Places = no_places
    ) -> weights.Weights:
        """Read a checkpoint and verify its SHA-256; see ``Checkpoints.load``."""
        if not self.has_weights(name) and self.has_ended:
            need_an_epoch(self.training_result(), self.path)
        return self._stored.load(name, wanted, places)

    def fitted_loss(self) -> dict[str, Any] | None:
        """None: the values follow from the run's data, see ``dlrun.inference.fitted_loss``."""
        return None

    def has_weights(self, name: Checkpoint) -> bool:
        """Whether there is such a checkpoint, valid or not."""
        return self._stored.exists(name)

    def reopen(self) -> None:
        """Make an ended or killed run an unfinished one: remove its result and temporary files."""
        remove(self.result_file)
        sweep(self.path)
        for folder in (self.checkpoints, self.plots, self.profile):
            sweep(folder, inner=True)

    @property
    def has_progress(self) -> bool:
        """Whether there are any results of training."""
        kept: tuple[weights.Checkpoint, ...] = ("last", "previous", "best")
        files = (self.metrics_file, self.result_file)
        return any(map(self.has_weights, kept)) or any(map(present, files))

    def discard(self) -> None:
        """Remove a run's progress, so that it is trained again; its spec stays.

        Raises:
            DataError: a file cannot be removed; the run can still be resumed.
        """
        remove(self.result_file)
        self._stored.discard()

    def write_confusion(self, classes: Sequence[str], matrix: Sequence[Sequence[int]]) -> None:
        """Write (k, k) counts; rows are true, columns predicted classes."""
        write_confusion(self.confusion_file, classes, matrix)

    def confusion(self) -> Confusion:
        """The counts by class."""
        return read_confusion(self.confusion_file)

    def write_curves(self, curves: Curves | None) -> None:
        """Write the numbers in the pictures of the final predictions; None removes them."""
        if curves is None:
            remove(self.curves_file)
        else:
            write_curves(self.curves_file, curves)

    def curves(self) -> Curves:
        """The numbers in the pictures of the final predictions."""
        return read_curves(self.curves_file)

    def write_split(self, sets: Members) -> None:
        """Write which samples are in which set."""
        write_split(self.split_file, sets)

    def has_split(self, sets: Members) -> bool:
        """Whether each sample is known to be in the same set as before."""
        return is_split(self.split_file, sets)

    def write_left_out(self, files: Sequence[tuple[str, str]]) -> None:
        """Write the data files that could not be used, each with its error."""
        write_left_out(self.left_out_file, files)

    def write_profile(
        self, table: Sequence[Mapping[str, object]], trace: Mapping[str, object]
    ) -> None:
        """Write a profile: rows with equal keys, and a trace for Chrome's viewer."""
        write_profile(self.profile, table, trace)

    def finish(self, result: Mapping[str, Any]) -> None:
        """Write how the run ended, as the last file; NaN and infinities become null."""
        replace(self.result_file, to_json(result, indent=2) + "\n")

    def result(self) -> dict[str, Any]:
        """How the run ended.

        Raises:
            DataError: the run is unfinished, or the file is broken.
        """
        if not self.has_ended:
            raise DataError(f"{self.path}: the run is unfinished: no {self.result_file.name} yet")
        return read_result(self.result_file)

    def training_result(self) -> dict[str, Any]:
        """How the training ended.

        Raises:
            DataError: the run is unfinished, the file is broken, or the run is a
                cross-validation.
        """
        return of_a_training(self.result(), self.path)

    def check_single(self) -> None:
        """Check that this is one training, whether it has ended or not.

        Raises:
            DataError: it is a cross-validation, or result.json is broken.
        """
        if self.has_ended:
            self.training_result()
        elif present(self.path / "fold-1" / "resolved.yaml") and not present(self.metrics_file):
            raise not_one_training(self.path)
