"""Checkpoints of which something was deleted on purpose, and the manifest shows it.

The manifest is written first, and keeps the entry of the file that is deleted or replaced.  So if a
process is killed between the two writes, the file that is left can still be read.
"""

from __future__ import annotations

from pathlib import Path

from dlrun.errors import DataError
from dlrun.run_directory import tensors
from dlrun.run_directory.access import need_folder, present
from dlrun.run_directory.atomic import remove, replace, staged
from dlrun.run_directory.json_text import read_object, to_json
from dlrun.run_directory.manifest import Checksum, replacing
from dlrun.run_directory.tensor_file import METADATA
from dlrun.run_directory.weights import MANIFEST, Checkpoint, Checkpoints, Wanted

DELETED = "deleted"
"""Key of the manifest: ``file``, or ``state`` if only the rest of the training state was."""


def delete_checkpoint(folder: Path, name: Checkpoint) -> None:
    """Delete a checkpoint, and remember that in the manifest.

    Args:
        folder: of the checkpoints; the run's lock is held.
        name: which checkpoint.

    Raises:
        DataError: the manifest is broken, or a file cannot be written.
    """
    need_folder(folder)
    path, manifest = folder / f"{name}.safetensors", folder / MANIFEST
    known = read_object(manifest)
    if not isinstance(known.get(path.name), dict):
        raise DataError(f"{manifest}: has no entry for {path.name}; it was not deleted")
    known[path.name] = {**known[path.name], DELETED: "file"}
    replace(manifest, to_json(known, indent=2) + "\n", inner=True)
    remove(path, inner=True)


def keep_only(folder: Path, name: Checkpoint, wanted: Wanted) -> None:
    """Replace a checkpoint by one with only some of its arrays, and remember that.

    Args:
        folder: of the checkpoints; the run's lock is held.
        name: which checkpoint.
        wanted: of the name of an array, whether it stays.

    Raises:
        DataError: the checkpoint is broken, or a file cannot be written.
    """
    weights = Checkpoints(folder).load(name, wanted)
    path, manifest, sums = folder / f"{name}.safetensors", folder / MANIFEST, Checksum()
    content = tensors.parts(weights.arrays, {METADATA: to_json(weights.metadata)})
    with staged(path, sums.of(content), inner=True):
        known = read_object(manifest)
        before = {key: value for key, value in known[path.name].items() if key != "replaces"}
        entry = {**sums.entry, **weights.beside, DELETED: "state"}
        known[path.name] = replacing(entry, before)
        replace(manifest, to_json(known, indent=2) + "\n", inner=True)


def what_was_deleted(folder: Path, name: Checkpoint) -> str | None:
    """``file`` or ``state`` if that was deleted of a checkpoint; None otherwise.

    Raises:
        DataError: the manifest is broken.
    """
    manifest, path = folder / MANIFEST, folder / f"{name}.safetensors"
    if not present(manifest):
        return None
    entry = read_object(manifest).get(path.name)
    found = entry.get(DELETED) if isinstance(entry, dict) else None
    return (
        "file" if found == "file" and not present(path) else "state" if found == "state" else None
    )
