"""Samples in folders: one for each class, with files in it and in its own folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dlrun.data.file_cache import SourceFile
from dlrun.errors import DataError
from dlrun.spec.nodes import SURROGATE

_Place = tuple[int, int]
"""Device and number of a folder, which it has by whatever name it is reached."""


def class_folders(root: Path, shown: str) -> list[str]:
    """The names of the folders in a folder, sorted; those that begin with a dot are none.

    Args:
        root: the folder.
        shown: what messages call it.

    Raises:
        DataError: it cannot be looked at, or a name is no text.
    """
    try:
        with os.scandir(root) as entries:
            names = sorted(e.name for e in entries if e.is_dir() and e.name[0] != ".")
    except OSError as error:
        raise DataError(f"{shown}: {error.strerror} ({root})") from error
    for name in names:
        if SURROGATE.search(name):
            raise DataError(f"{shown}: a class is called {name!r}, no UTF-8; rename its folder")
    return names


def files_in(
    folder: Path, name: str, suffixes: frozenset[str], above: frozenset[_Place] = frozenset()
) -> Iterator[SourceFile]:
    """The files in a folder and all folders in it, in the order of their names.

    Args:
        folder: where they are.
        name: what messages call it.
        suffixes: ends of the names of those that count.
        above: the folders that it lies in.

    Raises:
        DataError: a folder cannot be looked at, or lies in itself.
    """
    try:
        state = folder.stat()
        place = (state.st_dev, state.st_ino)
        with os.scandir(folder) as entries:
            found = sorted((e for e in entries if e.name[0] != "."), key=lambda e: e.name)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror} ({folder})") from error
    if place in above:
        raise DataError(f"{name}: a link to a folder that it lies in; remove it")
    for entry in found:
        shown = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from files_in(folder / entry.name, shown, suffixes, above | {place})
        elif Path(entry.name).suffix.lower() in suffixes:
            try:
                state = entry.stat()
            except OSError:  # a link to nothing; whoever reads it says so
                yield SourceFile(folder / entry.name, shown, 0, 0)
            else:
                yield SourceFile(folder / entry.name, shown, state.st_size, state.st_mtime_ns)
