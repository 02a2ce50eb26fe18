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
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.runs.access import make_folder, need_folder, present, reading, writing
from dlrun.runs.atomic import opened_folder, remove, replace, staged
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

        make_folder(self.folder)
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
        known = read_object(self._manifest) if present(self._manifest) else {}
        with staged(path, content, inner=True):
            text = to_json({**known, **entries}, indent=2) + "\n"
            replace(self._manifest, text, inner=True)
            if name == "last" and last is not None:
                with opened_folder(self.folder, inner=True) as folder, writing(previous):
                    names = path.name, previous.name
                    os.replace(*names, src_dir_fd=folder, dst_dir_fd=folder)
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

        need_folder(self.folder)
        path = self._path(name)
        with reading(path), open_regular(path, follow=False) as file:
            entry = read_object(self._manifest).get(path.name)
            if not isinstance(entry, dict):
                raise DataError(f"{self._manifest}: it does not name {path.name}; cannot verify it")
            size = os.fstat(file.fileno()).st_size
            # One of another size is not read: it might be larger than the memory.
            read = size in _sizes(entry)
            content = file.read(size + 1) if read else b""
        found = _digest(content) if read else {"sha256": "unknown", "size": size}
        known = _matching(entry, found)
        if known is None:
            raise DataError(
                f"{path}: the file is broken or was changed: {_described(found)}, the manifest "
                f"says {_described(entry)}; restore the file or train again"
            )
        self._there[name] = known
        try:
            beside = {key: value for key, value in known.items() if key not in found}
            return Weights(parse(content), _metadata(content), beside)
        except (SafetensorError, LookupError, ValueError, TypeError, RecursionError) as error:
            raise DataError(f"{path}: not a checkpoint of dlrun: {error}") from error

    def exists(self, name: Checkpoint) -> bool:
        """Whether there is such a file, whole or not."""
        need_folder(self.folder)
        return present(self._path(name))

    def discard(self) -> None:
        """Remove all checkpoints.

        Raises:
            DataError: one cannot be removed; those after it in this order are still there.
        """
        self._there.clear()
        for name in ("previous", "last", "best"):
            if present(self._path(name)):
                remove(self._path(name), inner=True)

    def _path(self, name: Checkpoint) -> Path:
        return self.folder / f"{name}.safetensors"

    def _present(self, name: Checkpoint) -> dict[str, Any] | None:
        """The manifest's line for the file that is there; None where none is, or a broken one."""
        if name not in self._there:
            self._there[name] = self._found(name)
        return self._there[name]

    def _found(self, name: Checkpoint) -> dict[str, Any] | None:
        path = self._path(name)
        if not present(path):
            return None
        with reading(path), open_regular(path, follow=False) as file:
            found = _digest(file.read())
        entries = read_object(self._manifest) if present(self._manifest) else {}
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


def _described(entry: Mapping[str, Any]) -> str:
    size, digest = (str(entry.get(key)) for key in ("size", "sha256"))
    return f"{size[:20]} bytes with SHA-256 {digest[:12]}..."


def _sizes(entry: Mapping[str, Any]) -> set[int]:
    """Those of the files that a line of the manifest knows."""
    both = (entry, entry.get("replaces"))
    found = (each.get("size") for each in both if isinstance(each, dict))
    return {size for size in found if isinstance(size, int)}


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
