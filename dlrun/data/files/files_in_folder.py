"""The files in a folder and its subfolders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from dlrun.data.files.absent import reason
from dlrun.data.files.source_file import SourceFile
from dlrun.data.files.unread import Unread
from dlrun.errors import DataError

_Place = tuple[int, int]
"""Device and inode of a folder, which are the same for all paths to it."""


def files_in(
    folder: Path,
    name: str,
    suffixes: frozenset[str],
    unread: Unread,
    above: frozenset[_Place] = frozenset(),
) -> Iterator[SourceFile]:
    """The files in a folder and its subfolders, in the order of their names.

    Args:
        folder: the folder.
        name: its name in messages.
        suffixes: endings of the files that are read.
        unread: collects the names that are skipped.
        above: the folders that contain it.

    Raises:
        DataError: a folder cannot be read, or contains itself through a link.
    """
    try:
        state = folder.stat()
        place = (state.st_dev, state.st_ino)
        with os.scandir(folder) as entries:
            visible = (entry for entry in entries if not unread.passes(entry.name))
            found = sorted(visible, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{name}: {reason(error, name, folder)}") from error
    if place in above:
        raise DataError(f"{name}: a link to a folder that contains it; remove it")
    for entry in found:
        shown = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from files_in(folder / entry.name, shown, suffixes, unread, above | {place})
        elif Path(entry.name).suffix.lower() in suffixes:
            try:
                yield SourceFile.of(folder / entry.name, shown, entry)
            except OSError:  # a link to nothing; reading it raises the error
                yield SourceFile.lost(folder / entry.name, shown)
        else:
            unread.files.append(shown)
