"""NumPy's files of one array each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.array_file import StoredArray, find_array
from dlrun.data.array_pair import ArrayPair
from dlrun.data.input_file import opened
from dlrun.data.marks import MissingColumnError
from dlrun.data.source import source
from dlrun.errors import DataError


@source("npy")
class Npy(ArrayPair):
    """Two .npy files of a folder, inputs and targets, one row of each a sample.

    The arrays are read as those of ``npz``: uint8 of three or more axes are images, targets of
    integers, bool or text are classes.  Large arrays stay in their files and are read batch by
    batch, fastest where the rows lie one after another (C order).
    """

    path: str = Field(min_length=1)
    """The folder; a relative path starts at the spec's.  A further part is a folder like it."""
    inputs: str = Field(default="x.npy", min_length=1)
    """Name of the file of inputs."""
    targets: str = Field(default="y.npy", min_length=1)
    """Name of the file of targets."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The two files."""
        return tuple(folder / self.path / name for name in (self.inputs, self.targets))

    def named(self, path: str, folder: Path, names: Sequence[str]) -> Sequence[Array | StoredArray]:
        """The arrays of the files of these names."""
        return [self._array(path, folder, name) for name in names]

    def _array(self, path: str, folder: Path, name: str) -> Array | StoredArray:
        place, shown = folder / path / name, str(Path(path, name))
        if not place.exists():
            raise MissingColumnError(f"{shown}: No such file or directory ({place})")
        with opened(place, shown) as file:
            try:
                size = os.fstat(file.fileno()).st_size
                stored = find_array(file, place, shown, name, end=size)
            except ValueError as error:
                raise DataError(f"{shown}: not an .npy file that can be read ({error})") from error
        return stored if stored.large else stored.in_memory()
