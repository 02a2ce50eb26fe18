"""Entries of the manifest of checkpoints: sizes and checksums of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

Part = bytes | memoryview

PART = 1 << 20
"""Bytes of a file that are read at a time."""


def replacing(entry: Mapping[str, Any], present: Mapping[str, Any] | None) -> dict[str, Any]:
    """An entry that replaces the one of an existing file, which may be None."""
    return {**entry, "replaces": present} if present is not None else {**entry}


def matching(entry: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any] | None:
    """The entry, or the one that it replaces, if it has the size and checksum of a file."""
    for each in (entry, entry.get("replaces")):
        if isinstance(each, dict) and {key: each.get(key) for key in found} == found:
            return {key: value for key, value in each.items() if key != "replaces"}
    return None


def described(entry: Mapping[str, Any]) -> str:
    """Size and checksum of an entry, for a message."""
    size, sha256 = (str(entry.get(key)) for key in ("size", "sha256"))
    return f"{size[:20]} bytes with SHA-256 {sha256[:12]}..."


def sizes(entry: Mapping[str, Any]) -> set[int]:
    """The sizes of the files in an entry of the manifest."""
    both = (entry, entry.get("replaces"))
    found = (each.get("size") for each in both if isinstance(each, dict))
    return {size for size in found if isinstance(size, int)}


class Checksum:
    """Size and SHA-256 of content that comes in parts.

    Attributes:
        size: bytes of all parts so far.
    """

    def __init__(self) -> None:
        self._hash, self.size = hashlib.sha256(), 0

    def add(self, part: Part) -> None:
        """Count a part, after the earlier ones."""
        self._hash.update(part)
        self.size += memoryview(part).nbytes

    def of(self, parts: Iterable[Part]) -> Iterator[Part]:
        """The same parts; each is counted when it is taken."""
        for part in parts:
            self.add(part)
            yield part

    @property
    def entry(self) -> dict[str, Any]:
        """Size and SHA-256 of all parts so far, as in an entry."""
        return {"sha256": self._hash.hexdigest(), "size": self.size}


def checksum(file: BinaryIO) -> dict[str, Any]:
    """Size and SHA-256 of the rest of an open file, as in an entry."""
    sums = Checksum()
    while part := file.read(PART):
        sums.add(part)
    return sums.entry
