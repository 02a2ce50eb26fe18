"""Checkpoints: arrays as safetensors files, and a manifest that tells whole files from broken ones.

``last`` takes the place of the one before, which stays as ``previous``; ``best`` is replaced.

The manifest maps each file to its size and SHA-256.  It is written before the files that it speaks
of get their names, and ``replaces`` then holds what stood there before.  So a process that is
killed between any two writes leaves files that the manifest knows, whichever they are; of ``last``
and ``previous`` one is always there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dlrun.errors import DataError
from dlrun.runs.access import reading, writing
from dlrun.runs.atomic import replace, staged
from dlrun.runs.json_text import read_object, to_json

if TYPE_CHECKING:
    from dlrun.arrays import Array

Checkpoint = Literal["best", "last", "previous"]

_MANIFEST = "manifest.json"
_METADATA = "dlrun"


class Weights(NamedTuple):
    """What a checkpoint holds: arrays by name, and what was noted of them.

    ``beside`` was noted in the manifest, for what differs between equal trainings.
    """

    arrays: dict[str, Array]
    metadata: dict[str, Any]
    beside: dict[str, Any]


class Checkpoints:
    """A folder of checkpoints, written by this process alone.

    It remembers the digests of the files, so that saving reads none of them but the first time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = folder / _MANIFEST
        self._there: dict[str, dict[str, Any] | None] = {}

    def save(
        self,
        name: Literal["best", "last"],
        arrays: Mapping[str, Array],
        metadata: Mapping[str, Any],
        beside: Mapping[str, Any],
    ) -> Path:
        """Write a checkpoint and its line of the manifest; the same content gives the same bytes.

        Args:
            name: which checkpoint.
            arrays: arrays of any shape and number type.
            metadata: what JSON can hold, to be kept with the arrays.
            beside: likewise, to be kept in the manifest.

        Returns:
            The file.

        Raises:
            DataError: it cannot be written; the checkpoints before it still stand.
        """
        import numpy as np
        from safetensors.numpy import save as serialize

        with writing(self.folder):
            self.folder.mkdir(exist_ok=True)
        # safetensors writes metadata in a random order, so all of ours goes under a single key.
        content = serialize(
            {key: np.asarray(array, order="C") for key, array in arrays.items()},
            metadata={_METADATA: to_json(metadata)},
        )
        path, entry = self._path(name), {**_digest(content), **beside}
        entries = {path.name: _replacing(entry, self._present(name))}
        if name == "last" and (last := self._present("last")) is not None:
            previous = self._path("previous")
            entries[previous.name] = _replacing(last, self._present("previous"))
        known = read_object(self._manifest) if self._manifest.exists() else {}
        with staged(path, content):
            replace(self._manifest, to_json({**known, **entries}, indent=2) + "\n")
            if name == "last" and last is not None:
                with writing(previous):
                    path.replace(previous)
                self._there |= {"previous": last, "last": None}
        self._there[name] = entry
        return path

    def load(self, name: Checkpoint) -> Weights:
        """Read a checkpoint, after its SHA-256 was compared with the manifest.

        Raises:
            DataError: the file or its line of the manifest is missing, or they do not agree.
        """
        from safetensors import SafetensorError
        from safetensors.numpy import load as parse

        path = self._path(name)
        with reading(path):
            content = path.read_bytes()
        entry = read_object(self._manifest).get(path.name)
        if not isinstance(entry, dict):
            raise DataError(f"{self._manifest}: it does not name {path.name}; cannot verify it")
        found = _digest(content)
        known = _matching(entry, found)
        if known is None:
            raise DataError(
                f"{path}: the file is broken or was changed: {found['size']} bytes with SHA-256 "
                f"{found['sha256'][:12]}..., the manifest says {entry.get('size')} bytes with "
                f"{str(entry.get('sha256'))[:12]}...; restore the file or train again"
            )
        self._there[name] = known
        try:
            beside = {key: value for key, value in known.items() if key not in found}
            return Weights(parse(content), _metadata(content), beside)
        except (SafetensorError, ValueError, KeyError) as error:
            raise DataError(f"{path}: no checkpoint of dlrun: {error}") from error

    def exists(self, name: Checkpoint) -> bool:
        """Whether there is such a file, whole or not."""
        return self._path(name).exists()

    def _path(self, name: Checkpoint) -> Path:
        return self.folder / f"{name}.safetensors"

    def _present(self, name: Checkpoint) -> dict[str, Any] | None:
        """The manifest's line for the file that is there; None where none is, or a broken one."""
        if name not in self._there:
            self._there[name] = self._found(name)
        return self._there[name]

    def _found(self, name: Checkpoint) -> dict[str, Any] | None:
        path = self._path(name)
        if not path.exists():
            return None
        with reading(path):
            found = _digest(path.read_bytes())
        entries = read_object(self._manifest) if self._manifest.exists() else {}
        entry = entries.get(path.name)
        return _matching(entry, found) if isinstance(entry, dict) else None


def _replacing(entry: Mapping[str, Any], present: Mapping[str, Any] | None) -> dict[str, Any]:
    return {**entry, "replaces": present} if present is not None else {**entry}


def _matching(entry: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The entry, or the one that it replaces, if it is that of a file with a digest."""
    for each in (entry, entry.get("replaces")):
        if isinstance(each, dict) and {key: each.get(key) for key in found} == found:
            return {key: value for key, value in each.items() if key != "replaces"}
    return None


def _digest(content: bytes) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}


def _metadata(content: bytes) -> dict[str, Any]:
    """What ``save`` was given, from the header: its length in 8 bytes, then JSON."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    metadata: dict[str, Any] = json.loads(header["__metadata__"][_METADATA])
    return metadata
