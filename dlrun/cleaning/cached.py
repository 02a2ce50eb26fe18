"""Entries of the caches over a size, the longest unused first."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

from dlrun import caches
from dlrun.cleaning.deletion import Deletion, names_in, size_of

_ENTRY = {
    "images": r"([0-9a-f]{32})\.(?:npy|json)",
    "recordings": r"([0-9a-f]{32})\.(?:npy|json)",
    "kernels": r"([\w.]+-[0-9a-f]{32})",
}
"""Names of files by cache; the group names the entry that several files belong to."""


def over(size: int, before: float = math.inf) -> Sequence[Deletion]:
    """What has to be deleted until all caches have at most so many bytes.

    Args:
        size: in bytes.
        before: entries that were used later stay, seconds since 1970, even if the caches then have
            more bytes.
    """
    entries: list[tuple[float, Path, list[tuple[str, int]]]] = []
    for cache in _ENTRY:
        folder = caches.folder(cache)
        if folder is not None:
            entries += _entries(folder, cache)
    total = sum(bytes_ for *_, files in entries for _, bytes_ in files)
    found = []
    for used, folder, files in sorted(entries, key=lambda each: each[0]):
        if total <= size or used > before:
            break
        total -= sum(bytes_ for _, bytes_ in files)
        names, sizes = zip(*files, strict=True)
        found.append(Deletion(folder, "cache", names, sizes))
    return found


def _entries(folder: Path, cache: str) -> list[tuple[float, Path, list[tuple[str, int]]]]:
    by_entry: dict[str, list[tuple[str, int]]] = {}
    used: dict[str, float] = {}
    for name in names_in(folder):
        match = re.fullmatch(_ENTRY[cache], name)
        size = size_of(folder / name) if match else None
        if match is None or size is None:
            continue
        status = (folder / name).lstat()
        by_entry.setdefault(match[1], []).append((name, size))
        used[match[1]] = max(used.get(match[1], 0.0), status.st_atime, status.st_mtime)
    # The manifest goes first: samples without one are decoded again.
    return [(used[entry], folder, sorted(files)) for entry, files in by_entry.items()]
