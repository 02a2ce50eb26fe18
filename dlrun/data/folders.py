"""Samples in folders: one for each class, with files in it and in its own folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.labels import class_codes, class_names
from dlrun.data.source_file import SourceFile
from dlrun.data.unread import Unread
from dlrun.errors import DataError
from dlrun.spec.nodes import SURROGATE
from dlrun.spec.problems import did_you_mean

_Place = tuple[int, int]
"""Device and number of a folder, which it has by whatever name it is reached."""


def class_folders(root: Path, shown: str, suffixes: frozenset[str], unread: Unread) -> list[str]:
    """The names of the folders in a folder, sorted; those that begin with a dot are none.

    Args:
        root: the folder.
        shown: what messages call it.
        suffixes: ends of the names of files that would count in one of the folders.
        unread: gets what is passed over.

    Raises:
        DataError: it cannot be looked at, or a name is no text.
    """
    try:
        with os.scandir(root) as entries:
            found = [entry for entry in entries if not unread.passes(entry.name)]
        names = sorted(entry.name for entry in found if entry.is_dir())
        files = sorted({entry.name for entry in found} - {*names})
    except OSError as error:
        raise DataError(f"{shown}: {error.strerror} ({root})") from error
    unread.outside += [name for name in files if Path(name).suffix.lower() in suffixes]
    for name in names:
        if SURROGATE.search(name):
            raise DataError(f"{shown}: a class is called {name!r}, no UTF-8; rename its folder")
    return names


def files_of_classes(
    root: Path,
    shown: str,
    names: Sequence[str],
    suffixes: frozenset[str],
    what: str,
    known: tuple[str, ...] | None,
    unread: Unread,
) -> tuple[list[SourceFile], Array, tuple[str, ...]]:
    """The files of every class, the code of each, (n,) int64, and the classes.

    Args:
        root: the folder.
        shown: what messages call it.
        names: of the folders in it, one for each class; those without files are none.
        suffixes: ends of the names of the files that count.
        what: what messages call these.
        known: the classes of the training data; None where this is it.
        unread: gets what is passed over.

    Raises:
        DataError: there are no files, or some are of no known class.
    """
    found = {
        name: list(files_in(root / name, f"{shown}/{name}", suffixes, unread)) for name in names
    }
    unread.empty += [name for name, files in found.items() if not files]
    found = {name: files for name, files in found.items() if files}
    if not found:
        there = "".join(f" ({note})" for note in unread.note(shown, what))
        raise DataError(f"{shown}: no folder with {what} in it; make one for each class{there}")
    classes, present = known or class_names(found), list(found)

    def unknown(row: int, _: str) -> DataError:
        advice = did_you_mean(present[row], classes)
        return DataError(f"{shown}: the training data has no class '{present[row]}'; {advice}")

    codes = class_codes(present, classes, unknown)
    files = [file for each in found.values() for file in each]
    return files, np.repeat(codes, [len(each) for each in found.values()]), classes


def files_in(
    folder: Path,
    name: str,
    suffixes: frozenset[str],
    unread: Unread,
    above: frozenset[_Place] = frozenset(),
) -> Iterator[SourceFile]:
    """The files in a folder and all folders in it, in the order of their names.

    Args:
        folder: where they are.
        name: what messages call it.
        suffixes: ends of the names of those that count.
        unread: gets what is passed over.
        above: the folders that it lies in.

    Raises:
        DataError: a folder cannot be looked at, or lies in itself.
    """
    try:
        state = folder.stat()
        place = (state.st_dev, state.st_ino)
        with os.scandir(folder) as entries:
            visible = (entry for entry in entries if not unread.passes(entry.name))
            found = sorted(visible, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror} ({folder})") from error
    if place in above:
        raise DataError(f"{name}: a link to a folder that it lies in; remove it")
    for entry in found:
        shown = f"{name}/{entry.name}"
        if entry.is_dir():
            yield from files_in(folder / entry.name, shown, suffixes, unread, above | {place})
        elif Path(entry.name).suffix.lower() in suffixes:
            try:
                yield SourceFile.of(folder / entry.name, shown, entry)
            except OSError:  # a link to nothing; whoever reads it says so
                yield SourceFile.lost(folder / entry.name, shown)
        else:
            unread.files.append(shown)
