"""Checkpoints: arrays as safetensors files, and a manifest that tells whole files from broken ones.

The manifest maps each file to its size and SHA-256.  It is written before the file it speaks of,
and ``replaces`` then holds the digest of the file that goes: a run killed between the two writes
leaves a checkpoint that the manifest knows, whichever of the two it is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dlrun.errors import DataError
from dlrun.runs.access import reading, writing
from dlrun.runs.atomic import replace
from dlrun.runs.json_text import read_object, to_json

if TYPE_CHECKING:
    from dlrun.arrays import Array

Checkpoint = Literal["best", "last"]

_MANIFEST = "manifest.json"
_METADATA = "dlrun"


class Weights(NamedTuple):
    """What a checkpoint holds: arrays by name, and what was noted of them."""

    arrays: dict[str, Array]
    metadata: dict[str, Any]


def save(
    folder: Path, name: Checkpoint, arrays: Mapping[str, Array], metadata: Mapping[str, Any]
) -> Path:
    """Write a checkpoint and its line of the manifest; the same content gives the same bytes.

    Args:
        folder: the folder of checkpoints; made if it is missing.
        name: which checkpoint.
        arrays: arrays of any shape and number type.
        metadata: what JSON can hold, to be kept with the arrays.

    Returns:
        The file.

    Raises:
        DataError: it cannot be written; the checkpoint before it still stands.
    """
    import numpy as np
    from safetensors.numpy import save as serialize

    with writing(folder):
        folder.mkdir(exist_ok=True)
    path, manifest = folder / f"{name}.safetensors", folder / _MANIFEST
    # safetensors writes metadata in a random order, so all of ours goes under a single key.
    content = serialize(
        {key: np.asarray(array, order="C") for key, array in arrays.items()},
        metadata={_METADATA: to_json(metadata)},
    )
    entries = read_object(manifest) if manifest.exists() else {}
    entry: dict[str, Any] = _digest(content)
    if path.exists():
        with reading(path):
            entry["replaces"] = _digest(path.read_bytes())
    replace(manifest, to_json({**entries, path.name: entry}, indent=2) + "\n")
    replace(path, content)
    return path


def load(folder: Path, name: Checkpoint) -> Weights:
    """Read a checkpoint, after its SHA-256 was compared with the manifest.

    Raises:
        DataError: the file or its line of the manifest is missing, or they do not agree.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as parse

    path = folder / f"{name}.safetensors"
    with reading(path):
        content = path.read_bytes()
    entry = read_object(folder / _MANIFEST).get(path.name)
    if not isinstance(entry, dict):
        raise DataError(f"{folder / _MANIFEST}: it does not name {path.name}; cannot verify it")
    found = _digest(content)
    if found not in ({key: entry.get(key) for key in found}, entry.get("replaces")):
        raise DataError(
            f"{path}: the file is broken or was changed: {found['size']} bytes with SHA-256 "
            f"{found['sha256'][:12]}..., the manifest says {entry.get('size')} bytes with "
            f"{str(entry.get('sha256'))[:12]}...; restore the file or train again"
        )
    try:
        return Weights(parse(content), _metadata(content))
    except (SafetensorError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise DataError(f"{path}: no checkpoint of dlrun: {error}") from error


def _digest(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _metadata(content: bytes) -> dict[str, Any]:
    """What ``save`` was given, from the header: its length in 8 bytes, then JSON."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata = json.loads(header["__metadata__"][_METADATA])
    if not isinstance(metadata, dict):
        raise TypeError("what is noted of the arrays is no JSON object")
    return metadata
