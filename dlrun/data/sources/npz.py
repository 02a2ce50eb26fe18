"""NumPy's archives of arrays."""

from __future__ import annotations

import struct
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.array_file import StoredArray, find_array
from dlrun.data.array_pair import ArrayPair
from dlrun.data.marks import MissingColumnError
from dlrun.data.source import source
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

# What NumPy and zipfile raise on broken, encrypted and absurdly large members.
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Of a member, in front of its name: signature, and lengths of the name and of what follows it."""


@source("npz")
class Npz(ArrayPair):
    """Two arrays of an .npz file, inputs and targets, one row of each a sample.

    Inputs may be bool, integers or floats and become float32 with the values they have, but for
    uint8 of three or more axes: these are images, scaled from 0..255 to 0..1, and (n, height,
    width) gets a channel axis.  (n,) becomes one column; (n, columns) is a table whose columns
    are called x0, x1, ...

    Targets of integers, bool or text are classes, named by their values and sorted: (n,), or
    (n, ...) where each place of a sample has a class, as each time step; floats, (n,) or (n, ...),
    are a regression.  Targets of 0 and 1, (n, labels), are labels where ``task`` says multi_label.

    Large arrays stay in the file and are read batch by batch, unless the archive is compressed:
    numpy.savez makes one that is not.
    """

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def named(self, path: str, folder: Path, names: Sequence[str]) -> Sequence[Array | StoredArray]:
        """The members of these names."""
        try:
            file = (folder / path).open("rb")
        except OSError as error:
            raise DataError(f"{path}: {error.strerror} ({folder / path})") from error
        with file:  # NumPy leaves a file of its own open where the archive is broken
            try:
                # Python objects stay shut: unpickling runs code that the file brings along.
                archive = np.load(file, allow_pickle=False)
            except _BROKEN as error:
                raise DataError(f"{path}: not an .npz file ({error})") from error
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise DataError(f"{path}: a single array; save both with numpy.savez(path, x=, y=)")
            for key in names:
                if key not in archive.files:
                    advice = did_you_mean(key, archive.files)
                    raise MissingColumnError(f"{path}: no array '{key}'; {advice}")
            try:
                return [self._member(archive, file, folder / path, path, key) for key in names]
            except _BROKEN as error:
                listed = " or ".join(f"'{key}'" for key in names)
                raise DataError(f"{path}: {listed} cannot be read ({error})") from error

    def _member(
        self, archive: np.lib.npyio.NpzFile, file: BinaryIO, path: Path, shown: str, key: str
    ) -> Array | StoredArray:
        """Where a large array lies that is neither packed nor encrypted; another array itself."""
        assert archive.zip is not None
        info = archive.zip.NameToInfo.get(f"{key}.npy")
        if info is not None and info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1:
            file.seek(info.header_offset)
            header = file.read(_LOCAL_HEADER.size)
            signature, name, extra = _LOCAL_HEADER.unpack(header)
            if signature != b"PK\x03\x04":
                raise ValueError(f"'{key}' does not start where the archive says")
            start = info.header_offset + len(header) + name + extra
            file.seek(start)
            stored = find_array(file, path, shown, key, end=start + info.file_size)
            if stored.large:
                return stored
        array: Array = archive[key]
        return array
