"""Arrays and metadata as the bytes of a safetensors file."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from dlrun.errors import DataError
from dlrun.run_directory import tensors
from dlrun.run_directory.json_text import to_json
from dlrun.run_directory.read_arrays import Read, read_arrays

if TYPE_CHECKING:
    from dlrun.arrays import Array

METADATA = "dlrun"
"""The only key of a file's metadata; the order of several would not be that of the package."""


def serialized(arrays: Mapping[str, Array], metadata: Mapping[str, Any]) -> bytes:
    """The content of a file; equal arguments lead to equal bytes.

    Args:
        arrays: arrays of any shape and dtype.
        metadata: JSON values that are stored with the arrays.
    """
    return b"".join(tensors.parts(arrays, {METADATA: to_json(metadata)}))


def parsed(
    content: bytes, place: str, wanted: Callable[[str], bool]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays and the metadata of ``serialized``.

    Args:
        content: from an untrusted source.
        place: the file, for messages.
        wanted: of the name of an array, whether it is returned.

    Raises:
        DataError: it is not the content of such a file.
    """
    read = read_arrays(io.BytesIO(content), len(content), wanted)
    return read.arrays, metadata_of(read, place)


def metadata_of(read: Read, place: str) -> dict[str, Any]:
    """The metadata of what was read.

    Args:
        read: from an untrusted source.
        place: the file, for messages.

    Raises:
        DataError: it is not the content of such a file.
    """
    if read.error is not None:
        raise DataError(f"{place}: not a checkpoint of dlrun: {read.error}") from read.error
    try:
        metadata = json.loads(read.metadata[METADATA])
        if not isinstance(metadata, dict):
            raise TypeError("its metadata is not a JSON object")
    except (LookupError, ValueError, TypeError, RecursionError) as error:
        raise DataError(f"{place}: not a checkpoint of dlrun: {error}") from error
    return metadata
