"""Marks of metrics.csv: its length and checksum at a checkpoint, at which a resumed run cuts it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory import atomic
from dlrun.run_directory.access import LARGEST, present, read_bytes
from dlrun.run_directory.atomic import sync


def mark(path: Path, rows: int | None = None) -> dict[str, Any]:
    """The length of the file and its SHA-256, after syncing it to the disk.

    Args:
        path: of the file; a missing one counts as empty.
        rows: number of leading rows that count; None for all.

    Raises:
        DataError: it cannot be read or synced.
    """
    content = b""
    if present(path):
        sync(path)
        content = read_bytes(path, LARGEST)
    if rows is not None:
        content = b"".join(content.splitlines(keepends=True)[: rows + 1 if rows else 0])
    return _checksum(content)


def check(path: Path, mark: Mapping[str, Any]) -> None:
    """Make sure that the file up to a mark is unchanged.

    Raises:
        DataError: it has changed.
    """
    content = read_bytes(path, LARGEST) if present(path) else b""
    if _checksum(content[: _size(mark)]) != mark:
        raise DataError(
            f"{path}: its first {mark['size']} bytes are not those of the checkpoint; "
            "the file is broken or was changed"
        )


def cut(path: Path, mark: Mapping[str, Any] | None) -> None:
    """Remove the rows after a mark; all rows if it is None.

    Raises:
        DataError: the file cannot be written.
    """
    if present(path):
        atomic.cut(path, 0 if mark is None else _size(mark))


def _size(mark: Mapping[str, Any]) -> int:
    """The size of the file at a mark.

    Raises:
        ValueError: it is not a size.
    """
    size = mark["size"]
    if not isinstance(size, int) or size < 0:
        raise ValueError(f"{size!r} is not a size of metrics.csv")
    return size


def _checksum(content: bytes) -> dict[str, Any]:
    return {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
