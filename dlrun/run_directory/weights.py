"""Checkpoints: arrays as safetensors files, and a manifest with which broken files are detected.

A new ``last`` replaces the old one, which is kept as ``previous``; ``best`` is replaced.

The manifest maps each file to its size and SHA-256.  It is written before the new files get their
names, and contains the entry of the old file under ``replaces``.  So if a process is killed between
any two writes, the manifest has an entry for every file that it leaves, and ``last`` or
``previous`` always exists.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.run_directory import tensors
from dlrun.run_directory.access import make_folder, need_folder, present, reading, writing
from dlrun.run_directory.atomic import opened_folder, remove, replace, staged
from dlrun.run_directory.json_text import read_object, to_json
from dlrun.run_directory.manifest import Checksum, checksum, described, matching, replacing, sizes
from dlrun.run_directory.read_arrays import Places, no_places, read_arrays
from dlrun.run_directory.tensor_file import METADATA, metadata_of

if TYPE_CHECKING:
    from dlrun.arrays import Array

Checkpoint = Literal["best", "last", "previous"]

Wanted = Callable[[str], bool]

MANIFEST = "manifest.json"


def everything(name: str) -> bool:
    """True of every array."""
    return True


class Weights(NamedTuple):
    """The content of a checkpoint: arrays by name, and metadata.

    The last field is metadata from the manifest, for values that differ between equal trainings.
    """

    arrays: dict[str, Array]
    metadata: dict[str, Any]
    beside: dict[str, Any]


class Checkpoints:
    """A folder of checkpoints, written by this process alone.

    It remembers the checksums of the files, so that saving reads each file at most once.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = folder / MANIFEST
        self._there: dict[str, dict[str, Any] | None] = {}

    def save(
        self,
        name: Literal["best", "last"],
        arrays: Mapping[str, Array],
        metadata: Mapping[str, Any],
        details: Mapping[str, Any],
    ) -> Path:
        """Write a checkpoint and its entry of the manifest; equal content leads to equal bytes.

        Args:
            name: which checkpoint.
            arrays: arrays of any shape and dtype.
            metadata: JSON values that are stored with the arrays.
            details: JSON values that are stored in the manifest.

        Returns:
            The file.

        Raises:
            DataError: it cannot be written; the existing checkpoints are unchanged.
        """
        make_folder(self.folder)
        path, sums = self._path(name), Checksum()
        before = self._present(name)
        last = self._present("last") if name == "last" else None
        # The order of several keys would not be that of the package, so all are under a single one.
        content = tensors.parts(arrays, {METADATA: to_json(metadata)})
        with staged(path, sums.of(content), inner=True):
            entry = {**sums.entry, **details}
            entries = {path.name: replacing(entry, before)}
            previous = self._path("previous")
            if last is not None:
                entries[previous.name] = replacing(last, self._present("previous"))
            known = read_object(self._manifest) if present(self._manifest) else {}
            text = to_json({**known, **entries}, indent=2) + "\n"
            replace(self._manifest, text, inner=True)
            if last is not None:
                with opened_folder(self.folder, inner=True) as folder, writing(previous):
                    names = path.name, previous.name
                    os.replace(*names, src_dir_fd=folder, dst_dir_fd=folder)
                self._there |= {"previous": last, "last": None}
        self._there[name] = entry
        return path

    def load(
        self, name: Checkpoint, wanted: Wanted = everything, places: Places = no_places
    ) -> Weights:
        """Read a checkpoint, and compare its SHA-256 with the manifest.

        Args:
            name: which checkpoint.
            wanted: of the name of an array, whether it is returned; the others take no memory.
            places: existing arrays to read into.  If this fails, their content is undefined.

        Raises:
            DataError: the file or its entry of the manifest is missing, or they do not agree.
        """
        need_folder(self.folder)
        path = self._path(name)
        if not present(path) and present(self._manifest):
            known = read_object(self._manifest).get(path.name)
            if isinstance(known, dict) and known.get("deleted") == "file":
                raise DataError(f"{path}: dlrun clean has deleted it; train the run again")
        with reading(path), open_regular(path, follow=False) as file:
            entry = read_object(self._manifest).get(path.name)
            if not isinstance(entry, dict):
                raise DataError(
                    f"{self._manifest}: has no entry for {path.name}, so it cannot be verified"
                )
            size = os.fstat(file.fileno()).st_size
            # A file of another size is not read: it may be larger than the memory.
            read = read_arrays(file, size, wanted, places) if size in sizes(entry) else None
        found = {"sha256": "unknown", "size": size} if read is None else read.sums.entry
        known = matching(entry, found)
        if read is None or known is None:
            raise DataError(
                f"{path}: the file is broken or was changed: it has {described(found)}, the "
                f"manifest {described(entry)}; restore the file or train again"
            )
        self._there[name] = known
        metadata = metadata_of(read, str(path))
        beside = {key: value for key, value in known.items() if key not in found}
        return Weights(read.arrays, metadata, beside)

    def exists(self, name: Checkpoint) -> bool:
        """Whether there is such a file, valid or not."""
        need_folder(self.folder)
        return present(self._path(name))

    def discard(self) -> None:
        """Remove all checkpoints.

        Raises:
            DataError: one cannot be removed; those after it in this order still exist.
        """
        self._there.clear()
        for name in ("previous", "last", "best"):
            if present(self._path(name)):
                remove(self._path(name), inner=True)

    def _path(self, name: Checkpoint) -> Path:
        return self.folder / f"{name}.safetensors"

    def _present(self, name: Checkpoint) -> dict[str, Any] | None:
        """The manifest's entry of an existing file; None if it is missing or broken."""
        if name not in self._there:
            self._there[name] = self._found(name)
        return self._there[name]

    def _found(self, name: Checkpoint) -> dict[str, Any] | None:
        path = self._path(name)
        if not present(path):
            return None
        with reading(path), open_regular(path, follow=False) as file:
            found = checksum(file)
        entries = read_object(self._manifest) if present(self._manifest) else {}
        entry = entries.get(path.name)
        return matching(entry, found) if isinstance(entry, dict) else None
