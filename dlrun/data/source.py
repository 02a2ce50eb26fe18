"""What a source of data is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.marks import MissingColumnError
from dlrun.data.samples import working_type
from dlrun.errors import DataError
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Source(Component):
    """The root of all sources."""

    family: ClassVar = Registry["Source"]("source")

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read or make the data.

        Args:
            seed: the run's seed, for sources that draw their samples.
            folder: where the spec lies; relative paths start there.

        Raises:
            DataError: the data is missing or broken; the message names file and row.
        """
        raise NotImplementedError

    def load_marked(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """``load``, and columns that say something of the samples but are no inputs.

        Args:
            names: of the columns; the data has marks of each.
            seed: as for ``load``.
            folder: as for ``load``.

        Raises:
            MissingColumnError: the source has no such column.
            DataError: as ``load``.
        """
        raise MissingColumnError(f"source '{self.kind}' has no column '{names[0]}' to divide by")

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read a further file of the same form: a validation or test part, samples to predict.

        Args:
            path: the file; it takes the place of the source's own.
            folder: where relative paths start.
            like: the training data, whose columns, categories and classes the file must keep to.

        Raises:
            DataError: the source reads no files, the file is missing or broken, or it does not
                keep to ``like``; the message names file and row.
        """
        raise DataError(f"source '{self.kind}' reads no file, so {path} cannot be read like it")

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read samples of which nothing is known but what the network is to be told.

        Args:
            path: the file; it takes the place of the source's own.
            folder: where relative paths start.
            like: data of the form that the network was trained on, of any number of samples.

        Raises:
            DataError: as ``load_file``; targets and columns that ``like`` lacks may be there.
        """
        raise DataError(f"source '{self.kind}' reads no file of inputs alone, as {path}")

    def of_array(self, array: Array, like: Dataset) -> Array:
        """Samples that a program gives as an array, as ``load`` would have read them.

        Args:
            array: (n, ...) of bool, integers or floats.
            like: as for ``load_inputs``.

        Raises:
            DataError: it does not show how its numbers are meant.
        """
        return array.astype(working_type(array.dtype))

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The files that ``load`` reads, for the run's fingerprint; none for built-in data."""
        return ()

    def anchored(self, folder: Path) -> Self:
        """The same source for a spec that may lie anywhere: relative paths start at ``folder``."""
        return self


source = Source.family
