"""An archive: the trained network of a run in one file, from which it is only read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory import metrics
from dlrun.run_directory.archive.entries import object_in, read_content, read_entries, text_of
from dlrun.run_directory.archive.layout import (
    CARD,
    ENVIRONMENT,
    LOSS,
    METRICS,
    RESOLVED,
    RESULT,
    WEIGHTS,
)
from dlrun.run_directory.archive.zip_file import opened
from dlrun.run_directory.result import checked_result, of_a_training
from dlrun.run_directory.tensor_file import parsed as parsed_tensors
from dlrun.run_directory.weights import Checkpoint, Wanted, Weights, everything


class Archive:
    """An archive; use ``open``.

    Every method that reads raises DataError if the file is missing or broken.

    Attributes:
        path: of the file.
        resolved_file, checkpoints: what messages call the spec and the weights.
        data_folder: None, because an archive comes without its data.
    """

    data_folder: Path | None = None

    def __init__(self, path: Path) -> None:
        self.path = path
        self.resolved_file = path / RESOLVED
        self.checkpoints = path / WEIGHTS

    def __repr__(self) -> str:
        return f"Archive({str(self.path)!r})"

    @classmethod
    def open(cls, path: Path) -> Archive:
        """An existing archive.

        Raises:
            DataError: the file does not exist, or is not an archive that this version can read.
        """
        with opened(path) as file:
            read_entries(path, file)
        return cls(path)

    def verify(self) -> dict[str, str]:
        """Compare every member with its checksum.

        Returns:
            The SHA-256 of each member but the manifest, by name.

        Raises:
            DataError: a member is broken or was changed.
        """
        with opened(self.path) as file:
            entries = read_entries(self.path, file)
            for name in entries:
                read_content(self.path, file, name, entries)
        return {name: entry["sha256"] for name, entry in entries.items()}

    def card(self) -> str:
        """The model card, in Markdown."""
        return self._text(CARD)

    def read_resolved(self) -> bytes:
        """The content of the resolved spec."""
        return self._read(RESOLVED)

    def environment(self) -> dict[str, Any]:
        """The environment of the run; see ``dlrun.run_directory.environment``."""
        return self._object(ENVIRONMENT)

    def result(self) -> dict[str, Any]:
        """How the run ended."""
        return checked_result(self._object(RESULT), str(self.path / RESULT))

    def training_result(self) -> dict[str, Any]:
        """How the training ended."""
        return of_a_training(self.result(), self.path)

    def metrics(self) -> dict[str, list[float]]:
        """The columns of metrics.csv."""
        return metrics.columns_of(self._text(METRICS), self.path / METRICS)

    def fitted_loss(self) -> dict[str, Any] | None:
        """The fields of the loss that follow from the training set; None if there are none."""
        with opened(self.path) as file:
            has = LOSS in file.sizes
        return self._object(LOSS) if has else None

    def load_weights(self, name: Checkpoint, wanted: Wanted = everything) -> Weights:
        """The weights, which are those that the result names.

        Raises:
            DataError: they are broken, or other weights are requested.
        """
        if name != (own := self.training_result()["weights"]):
            raise DataError(f"{self.path}: has only the {own} weights of the run")
        return Weights(*parsed_tensors(self._read(WEIGHTS), str(self.checkpoints), wanted), {})

    def _read(self, name: str) -> bytes:
        """The content of a member, compared with its checksum."""
        with opened(self.path) as file:
            return read_content(self.path, file, name, read_entries(self.path, file))

    def _text(self, name: str) -> str:
        return text_of(self._read(name), self.path / name)

    def _object(self, name: str) -> dict[str, Any]:
        return object_in(self._read(name), self.path / name)
