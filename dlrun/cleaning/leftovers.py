"""Broken starts of runs, and temporary files that killed processes have left."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from dlrun.cleaning.deletion import (
    FILES,
    INNER,
    STUDY_FILES,
    Deletion,
    is_folder,
    names_in,
    size_of,
    temporary_of,
)
from dlrun.collection.find import DEPTH
from dlrun.run_directory import identity

_START = (
    *("log.txt", "starts.jsonl", "split.csv", "left-out.csv", "environment.json", "metrics.csv"),
    "spec.yaml",
)
"""Files of a run before its first epoch, in the order in which they are deleted."""
_LAST = ("resolved.yaml", "lock")
"""Those after them, so that what a kill leaves is still recognized as a broken start."""


def temporary_files(directory: Path, *, is_study: bool) -> Deletion | None:
    """The temporary files of a run or a study; None if there are none."""
    files, sizes = [], []
    known = {"": STUDY_FILES if is_study else FILES}
    for folder in ("", *INNER):
        for name in names_in(directory / folder):
            original = temporary_of(name)
            size = None if original is None else size_of(directory / folder / name)
            if original is None or size is None:
                continue
            is_ours = original in known[""] if not folder else re.fullmatch(INNER[folder], original)
            if is_ours:
                files.append(f"{folder}/{name}" if folder else name)
                sizes.append(size)
    return Deletion(directory, "temporary", tuple(files), tuple(sizes)) if files else None


def broken_starts(root: Path) -> Iterator[Deletion]:
    """The runs below a folder that ended before they had anything: no epoch and no checkpoint."""
    if identity.began(root.resolve().name) is None:
        yield from _below(root, DEPTH)
    elif is_folder(root) and (found := broken_start(root)) is not None:
        yield found


def _below(folder: Path, depth: int) -> Iterator[Deletion]:
    for name in names_in(folder):
        path = folder / name
        if name.startswith(".") or not is_folder(path):
            continue
        if identity.began(name) is not None:
            found = broken_start(path)
            if found is not None:
                yield found
        elif depth:
            yield from _below(path, depth - 1)


def broken_start(path: Path) -> Deletion | None:
    """A run with nothing in it but the files of its start; None if there is anything else."""
    present = names_in(path)
    temporary = temporary_files(path, is_study=False)
    ours = set() if temporary is None else set(temporary.files)
    sizes = {} if temporary is None else dict(zip(temporary.files, temporary.sizes, strict=True))
    folders: list[str] = []
    for name in present:
        if name in ("checkpoints", "plots", "profile") and is_folder(path / name):
            if any(f"{name}/{each}" not in ours for each in names_in(path / name)):
                return None
            folders.append(f"{name}/")
        elif name not in ours:
            size = size_of(path / name)
            if name not in (*_START, *_LAST) or size is None or (name == "metrics.csv" and size):
                return None
            sizes[name] = size
    order: Sequence[str] = [*ours, *folders, *_START, *_LAST]
    files = tuple(name for name in order if name in sizes or name.endswith("/"))
    return Deletion(path, "broken", files, tuple(sizes.get(name, 0) for name in files), whole=True)
