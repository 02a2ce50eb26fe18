"""NumPy .npy files, which hold one array each."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.files.absent import reason
from dlrun.data.files.array_file import StoredArray, find_array
from dlrun.data.files.input_file import opened
from dlrun.data.side_columns import MissingColumnError
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.array_pair import ArrayPair
from dlrun.errors import DataError
from dlrun.printable import reason_of


@source("npy")
class Npy(ArrayPair):
    """Two .npy files in a folder, inputs and targets, with one row per sample.

    The arrays are read as in ``npz``: uint8 with three or more axes are images, targets of
    integers, bool or text are classes.  Large arrays stay in their files and are read batch by
    batch, which is fastest if their rows are contiguous (C order).
    """

    path: str = Field(min_length=1)
    """The folder; a relative path starts at the spec's folder.  A separate validation or test set
    is another such folder."""
    inputs: str = Field(default="x.npy", min_length=1)
    """Name of the input file."""
    targets: str = Field(default="y.npy", min_length=1)
    """Name of the target file."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The two files."""
        return tuple(folder / self.path / name for name in (self.inputs, self.targets))

    def named(
        self, path: str, folder: Path, names: Sequence[str], stays: bool = False
    ) -> Sequence[Array | StoredArray]:
        """The arrays of the files with these names."""
        return [self._array(path, folder, name, stays) for name in names]

    def _array(self, path: str, folder: Path, name: str, stays: bool) -> Array | StoredArray:
        place, shown = folder / path / name, str(Path(path, name))
        try:
            place.stat()
        except FileNotFoundError as error:
            raise MissingColumnError(f"{shown}: {reason(error, shown, place)}") from error
        except OSError:  # opening it raises the error
            pass
        with opened(place, shown) as file:
            try:
                size = os.fstat(file.fileno()).st_size
                stored = find_array(file, place, shown, name, end=size)
            except ValueError as error:
                raise DataError(
                    f"{shown}: not an .npy file that can be read ({reason_of(error)})"
                ) from error
        return stored if stays or stored.large else stored.in_memory()
