"""The interface of data sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Self

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.samples import working_type
from dlrun.data.side_columns import MissingColumnError
from dlrun.errors import DataError
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Source(Component):
    """The base class of all sources."""

    family: ClassVar = Registry["Source"]("source")
    path_fields: ClassVar[tuple[str, ...]] = ()
    """Fields with the path of a file or folder, or None."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read or generate the data.

        Args:
            seed: the run's seed, for sources that generate random samples.
            folder: the spec's folder; relative paths start there.

        Raises:
            DataError: the data is missing or broken; the message names file and row.
        """
        raise NotImplementedError

    def load_with_columns(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Like ``load``, with side columns: columns that describe the samples but are not inputs.

        Args:
            names: of the side columns.
            seed: as for ``load``.
            folder: as for ``load``.

        Raises:
            MissingColumnError: the source does not have such a column.
            DataError: as ``load``.
        """
        raise MissingColumnError(f"source '{self.kind}' has no column '{names[0]}' to split by")

    def load_as_target(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Like ``load_with_columns``, for an autoencoder, whose samples need no targets.

        Args:
            names: of the side columns; may be empty.
            seed: as for ``load``.
            folder: as for ``load``.

        Raises:
            MissingColumnError: as ``load_with_columns``.
            DataError: as ``load``, but targets may be missing if the source can read such files.
        """
        return self.load_with_columns(names, seed, folder) if names else self.load(seed, folder)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read another file of the same form, with a validation or test set.

        Args:
            path: the file, instead of the source's ``path``.
            folder: the folder that relative paths start at.
            like: the training data; the file must have its columns, categories and classes.

        Raises:
            DataError: the source reads no files, the file is missing or broken, or it does not
                match ``like``; the message names file and row.
        """
        raise DataError(
            f"source '{self.kind}' does not read files, so it cannot read {path}; use a fraction"
        )

    def file_blocks(self, path: str, folder: Path, like: Dataset) -> Iterator[Dataset]:
        """The samples of ``load_file`` in blocks, so that a file need not fit in memory.

        Args:
            path: as for ``load_file``.
            folder: as for ``load_file``.
            like: as for ``load_file``.

        Raises:
            DataError: as ``load_file``, but blocks before the faulty row are returned first.
        """
        yield self.load_file(path, folder, like)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read samples without targets, to predict them.

        Args:
            path: the file, instead of the source's ``path``.
            folder: the folder that relative paths start at.
            like: data of the form that the network was trained on, with any number of samples.

        Raises:
            DataError: as ``load_file``; but targets and further columns are allowed.
        """
        raise DataError(
            f"a run on the source '{self.kind}', which does not read files, cannot predict from "
            f"{path}; use Run.predict in Python"
        )

    def input_blocks(
        self, path: str, folder: Path, like: Dataset, id_column: str | None = None
    ) -> Iterator[Unlabelled]:
        """The samples of ``load_inputs`` in blocks, so that a file need not fit in memory.

        Args:
            path: as for ``load_inputs``.
            folder: as for ``load_inputs``.
            like: as for ``load_inputs``.
            id_column: a column of the file, such as an ID, that need not be an input; None for
                none.

        Raises:
            MissingColumnError: the file does not have the column.
            DataError: as ``load_inputs``, but blocks before the faulty row are returned first.
        """
        samples = self.load_inputs(path, folder, like)
        ids = None if id_column is None else self.column_of(path, folder, id_column)
        yield replace(samples, ids=ids)

    def column_of(self, path: str, folder: Path, name: str) -> Sequence[str]:
        """The ID column of a file that ``input_blocks`` reads at once: a text for each sample.

        Args:
            path: as for ``load_inputs``.
            folder: as for ``load_inputs``.
            name: of the column.

        Raises:
            MissingColumnError: the file does not have such a column.
            DataError: the file cannot be read.
        """
        raise MissingColumnError(f"source '{self.kind}' has no column '{name}'; leave out the ID")

    def of_array(self, array: Array, like: Dataset) -> Array:
        """Samples that a program passes as an array, in the form that ``load`` would return.

        Args:
            array: (n, ...) of bool, integers or floats.
            like: as for ``load_inputs``.

        Raises:
            DataError: the scale of its values is ambiguous.
        """
        return array.astype(working_type(array.dtype))

    def form_of_files(self) -> str:
        """How a model card describes what files are read as, after their type; "" for no more."""
        return ""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The files that ``load`` reads, to detect changes; none for built-in data."""
        return ()

    def anchored(self, folder: Path) -> Self:
        """The same source with absolute paths; relative ones start at ``folder``."""
        here = {name: str((folder / path).absolute()) for name, path in self.paths().items()}
        return self.model_copy(update=here)

    def paths(self) -> dict[str, str]:
        """The paths of files and folders that it reads, by field."""
        found = ((name, getattr(self, name)) for name in self.path_fields)
        return {name: path for name, path in found if path is not None}

    def reading_from(self, other: Source) -> Self:
        """The same source with the paths of another one of its kind."""
        if type(self) is not type(other) or self.paths().keys() != other.paths().keys():
            return self
        return self.model_copy(update=other.paths())


source = Source.family
