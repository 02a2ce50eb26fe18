"""NumPy .npz archives of arrays."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib.format import MAGIC_PREFIX
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.files.array_file import StoredArray, find_array
from dlrun.data.files.input_file import opened
from dlrun.data.files.memory import need_room
from dlrun.data.files.packed_array import BROKEN, PackedArray, Stream
from dlrun.data.side_columns import MissingColumnError
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.array_pair import ArrayPair
from dlrun.errors import DataError
from dlrun.printable import reason_of
from dlrun.spec.problems import did_you_mean

# Raised by zipfile for broken or encrypted archives, and by NumPy for their members.
_BROKEN = (*BROKEN, MemoryError)
_LOCAL_HEADER = struct.Struct("<4s22xHH")
"""The header of a member: its signature, and lengths of its name and its extra field."""


@source("npz")
class Npz(ArrayPair):
    """Two arrays of an .npz file, inputs and targets, with one row per sample.

    Inputs may be bool, integers or floats, and their values are not changed, except for
    uint8 with three or more axes: these are images, scaled from 0..255 to 0..1, and (n, height,
    width) gets a channel axis.  (n,) becomes one column; (n, columns) is a table with the columns
    x0, x1, ...

    Targets of integers, bool or text are classes, named by their values and sorted: (n,), or
    (n, ...) with a class for each element of a sample, such as each time step.  Floats, (n,) or
    (n, ...), are regression targets.  With ``task: multi_label``, targets are 0 and 1, (n, labels).

    Large arrays stay in the file and are read batch by batch, unless the archive is compressed:
    write it with numpy.savez, not savez_compressed.  A file to predict or to score is always read
    piece by piece, except for arrays that are both compressed and in Fortran order.
    """

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def named(
        self, path: str, folder: Path, names: Sequence[str], stays: bool = False
    ) -> Sequence[Array | StoredArray]:
        """The members with these names."""
        with opened(folder / path, path) as file:
            if file.read(len(MAGIC_PREFIX)) == MAGIC_PREFIX:
                raise DataError(f"{path}: a single array; save both with numpy.savez(path, x=, y=)")
            try:
                archive = zipfile.ZipFile(file)
            except _BROKEN as error:
                raise DataError(f"{path}: not an .npz file ({reason_of(error)})") from error
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
                self._member(archive, members[key], file, folder / path, path, key, stays)
                for key in names
            ]

    def _member(
        self,
        archive: zipfile.ZipFile,
        info: zipfile.ZipInfo,
        file: BinaryIO,
        path: Path,
        shown: str,
        key: str,
        stays: bool,
    ) -> Array | StoredArray:
        """A large array stays in the file unless it is compressed or encrypted; others are read."""
        try:
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError("unknown compression method; write it with numpy.savez_compressed")
            if info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1:
                stored = find_array(file, path, shown, key, end=_found(file, info) + info.file_size)
                if stays or stored.large:
                    return stored
            with archive.open(info) as member:
                declared = find_array(member, path, shown, key, end=info.file_size)
                if stays and declared.shape and not declared.fortran:
                    return _packed(declared, info.filename)
                need_room(info.file_size, f"{shown}: '{key}'")
                flat = np.frombuffer(member.read(declared.nbytes), declared.dtype)
                return flat.reshape(declared.shape, order="F" if declared.fortran else "C")
        except _BROKEN as error:
            raise DataError(f"{shown}: '{key}' cannot be read ({reason_of(error)})") from error


def _packed(array: StoredArray, member: str) -> PackedArray:
    """The array of a member, to be unpacked row by row."""

    def unpack(file: BinaryIO) -> Stream:
        archive = zipfile.ZipFile(file)
        if member not in archive.namelist():
            raise ValueError("the archive was changed while it was in use")
        return archive.open(member)

    def broken(error: Exception) -> DataError:
        return DataError(f"{array.file}: '{array.name}' cannot be read ({reason_of(error)})")

    return PackedArray.of(array, unpack, broken)


def _found(file: BinaryIO, info: zipfile.ZipInfo) -> int:
    """Go to the first byte of a member's content, and return its offset."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER.size)
    signature, name, extra = _LOCAL_HEADER.unpack(header)
    if signature != b"PK\x03\x04":
        raise ValueError("its offset in the archive is wrong")
    return file.seek(info.header_offset + len(header) + name + extra)
