"""A place with the trained network of a run: its directory, or an archive."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from dlrun.run_directory.archive.archive import Archive
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.not_a_run import is_zip
from dlrun.run_directory.weights import Checkpoint, Wanted, Weights, everything


class SavedRun(Protocol):
    """What predicting and scoring read of a run; every method raises DataError if it cannot.

    Attributes:
        path: the directory, or the file.
        resolved_file, checkpoints: what messages call the spec and the weights.
    """

    path: Path
    resolved_file: Path
    checkpoints: Path

    @property
    def data_folder(self) -> Path | None:
        """The folder where relative paths of the spec start; None without the run's own data."""

    def read_resolved(self) -> bytes:
        """The content of the resolved spec."""

    def environment(self) -> dict[str, Any]:
        """The environment of the run; see ``dlrun.run_directory.environment``."""

    def result(self) -> dict[str, Any]:
        """How the run ended."""

    def training_result(self) -> dict[str, Any]:
        """How the run ended, which is not a cross-validation."""

    def metrics(self) -> dict[str, list[float]]:
        """The columns of metrics.csv."""

    def fitted_loss(self) -> dict[str, Any] | None:
        """The saved fields of the loss that follow from the training set; None without any."""

    def load_weights(self, name: Checkpoint, wanted: Wanted = everything) -> Weights:
        """The wanted arrays of the network and of its fitted preprocessing, by name."""


def open_saved(path: Path) -> SavedRun:
    """A run directory or an archive.

    Raises:
        DataError: it is neither.
    """
    return Archive.open(path) if path.is_file() and is_zip(path) else RunDirectory.open(path)
