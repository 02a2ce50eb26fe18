"""The safetensors format: arrays by name and a line of metadata, written and read array by array.

A file has the length of its header in 8 bytes, the header as JSON, and the bytes of the arrays one
after another (https://github.com/huggingface/safetensors).  The package of that name makes the
whole file in memory, and again when it reads it; for a large network that is as much memory as its
training needs.  The bytes here are those that the package writes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from dlrun.arrays import Array, Shape

_DTYPES = {
    "U64": "<u8",
    "I64": "<i8",
    "F64": "<f8",
    "F32": "<f4",
    "U32": "<u4",
    "I32": "<i4",
    "F16": "<f2",
    "U16": "<u2",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
}
"""NumPy's names by those of the format, in the order in which arrays of each are in a file."""

_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_ORDER = {name: number for number, name in enumerate(_DTYPES)}
_METADATA = "__metadata__"

LENGTH = 8
"""Bytes of the header's length, at the beginning of a file."""

LONGEST_HEADER = 100_000_000
"""Bytes; the package reads no longer ones."""


class Header(NamedTuple):
    """The header of a file.

    Attributes:
        metadata: text by key.
        arrays: in the order of their bytes, each with its name, dtype and shape.
    """

    metadata: Mapping[str, Any]
    arrays: tuple[tuple[str, str, Shape], ...]


def parts(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> Iterator[bytes | memoryview]:
    """The bytes of a file, first the header and then one array after another.

    Args:
        arrays: of any shape; one that is not contiguous is copied when its turn comes.
        metadata: text by key.

    Raises:
        TypeError: the format does not have the dtype of an array.
    """
    import numpy as np

    header: dict[str, Any] = {_METADATA: metadata}
    dtypes = {name: _format(name, np.asarray(array).dtype.str) for name, array in arrays.items()}
    names = sorted(arrays, key=lambda name: (_ORDER[dtypes[name]], name.encode()))
    end = 0
    for name in names:
        array = np.asarray(arrays[name])
        start, end = end, end + array.nbytes
        header[name] = {
            "dtype": dtypes[name],
            "shape": array.shape,
            "data_offsets": (start, end),
        }
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-len(text) % LENGTH)
    yield len(text).to_bytes(LENGTH, "little") + text
    for name in names:
        array = np.asarray(arrays[name], dtype=_DTYPES[dtypes[name]], order="C")
        yield array.reshape(-1).view(np.uint8).data


def header_of(text: bytes, size: int) -> Header:
    """The content of a header.

    Args:
        text: the header as JSON.
        size: of everything after it, in bytes.

    Raises:
        LookupError, TypeError, ValueError, RecursionError: the arrays are not one after another
            in all of these bytes, or the header is not one of the format.
    """
    content = json.loads(text)
    metadata = content.pop(_METADATA, {})
    starts = {name: _offsets(entry) for name, entry in content.items()}
    end, arrays = 0, []
    for name in sorted(content, key=lambda name: starts[name]):
        dtype, shape = _DTYPES[content[name]["dtype"]], tuple(map(_count, content[name]["shape"]))
        start, stop = starts[name]
        if start != end or stop - start != math.prod(shape) * int(dtype[2:]):
            raise ValueError(f"the bytes of {name} are not those of its shape")
        arrays.append((name, dtype, shape))
        end = stop
    if end != size:
        raise ValueError(f"its arrays have {end} bytes, not {size}")
    return Header(metadata, tuple(arrays))


def _format(name: str, dtype: str) -> str:
    found = _NAMES.get(dtype.replace(">", "<"))
    if found is None:
        raise TypeError(f"{name}: arrays of {dtype} cannot be saved")
    return found


def _offsets(entry: Mapping[str, Any]) -> tuple[int, int]:
    start, stop = map(_count, entry["data_offsets"])
    return start, stop


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r} is not a count")
    return value
