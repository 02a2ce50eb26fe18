"""NumPy's archives of arrays."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import MAGIC_PREFIX
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.array_file import StoredArray, find_array
from dlrun.data.array_pair import ArrayPair
from dlrun.data.input_file import need_room, opened
from dlrun.data.marks import MissingColumnError
from dlrun.data.source import source
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

# What zipfile raises on broken and encrypted archives, and what NumPy does on what is in them.
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""Of a member, in front of its name: signature, and lengths of the name and of what follows it."""


@source("npz")
class Npz(ArrayPair):
    """Two arrays of an .npz file, inputs and targets, one row of each a sample.

    Inputs may be bool, integers or floats and keep the values they have, but for
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
        with opened(folder / path, path) as file:
            if file.read(len(MAGIC_PREFIX)) == MAGIC_PREFIX:
                raise DataError(f"{path}: a single array; save both with numpy.savez(path, x=, y=)")
            try:
                archive = zipfile.ZipFile(file)
            except _BROKEN as error:
                raise DataError(f"{path}: not an .npz file ({error})") from error
            members = {
                each.filename.removesuffix(".npy"): each
                for each in archive.infolist()
                if each.filename.endswith(".npy")
            }
            for key in names:
                if key not in members:
                    advice = did_you_mean(key, members)
                    raise MissingColumnError(f"{path}: no array '{key}'; {advice}")
            return [
                self._member(archive, members[key], file, folder / path, path, key) for key in names
            ]

    def _member(
        self,
        archive: zipfile.ZipFile,
        info: zipfile.ZipInfo,
        file: BinaryIO,
        path: Path,
        shown: str,
        key: str,
    ) -> Array | StoredArray:
        """Where a large array lies that is neither packed nor encrypted; another array itself."""
        try:
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("packed in a way that NumPy has not; use numpy.savez_compressed")
            if info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1:
                stored = find_array(file, path, shown, key, end=_found(file, info) + info.file_size)
                if stored.large:
                    return stored
            need_room(info.file_size, f"{shown}: '{key}'")
            with archive.open(info) as member:
                declared = find_array(member, path, shown, key, end=info.file_size)
                flat = np.frombuffer(member.read(declared.nbytes), declared.dtype)
                return flat.reshape(declared.shape, order="F" if declared.fortran else "C")
        except _BROKEN as error:
            raise DataError(f"{shown}: '{key}' cannot be read ({error})") from error


def _found(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Go to the first byte of a member's content, and say where that is."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    signature, name, extra = _LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise ValueError("it does not start where the archive says")
    return file.seek(info.header_offset + len(header) + name + extra)
