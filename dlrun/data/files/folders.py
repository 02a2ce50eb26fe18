"""Samples in folders: one folder per class, with files in it and in its subfolders."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.files.absent import reason
from dlrun.data.files.files_in_folder import files_in
from dlrun.data.files.source_file import SourceFile
from dlrun.data.files.unread import Unread
from dlrun.data.labels import class_codes, class_names
from dlrun.errors import DataError
from dlrun.spec.nodes import SURROGATE
from dlrun.spec.problems import did_you_mean


def class_folders(root: Path, shown: str, suffixes: frozenset[str], unread: Unread) -> list[str]:
    """The names of the folders in a folder, sorted, without those that begin with a dot.

    Args:
        root: the folder.
        shown: its name in messages.
        suffixes: endings of files that would be samples in one of the folders.
        unread: collects the names that are skipped.

    Raises:
        DataError: the folder cannot be read, or a name is not UTF-8.
    """
    try:
        with os.scandir(root) as entries:
            visible = [entry for entry in entries if not unread.passes(entry.name)]
        names = sorted(entry.name for entry in visible if entry.is_dir())
        files = sorted({entry.name for entry in visible} - {*names})
    except OSError as error:
        raise DataError(f"{shown}: {reason(error, shown, root)}") from error
    unread.outside += [name for name in files if Path(name).suffix.lower() in suffixes]
    for name in names:
        if SURROGATE.search(name):
            raise DataError(
                f"{shown}: the folder {name!r} of a class is not named in UTF-8; rename it"
            )
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
        shown: its name in messages.
        names: of the folders in it, one per class; folders without files are not classes.
        suffixes: endings of the files that are read.
        what: the name of these files in messages.
        known: the classes of the training data; None if this is the training data.
        unread: collects the names that are skipped.

    Raises:
        DataError: the folders are empty, or a class is unknown.
    """
    by_class = {
        name: list(files_in(root / name, f"{shown}/{name}", suffixes, unread)) for name in names
    }
    unread.empty += [name for name, files in by_class.items() if not files]
    by_class = {name: files for name, files in by_class.items() if files}
    if not by_class:
        skipped = "".join(f" ({note})" for note in unread.note(shown, what))
        raise DataError(f"{shown}: no folder with {what} in it; make one per class{skipped}")
    classes, present = known or class_names(by_class), list(by_class)

    def unknown(row: int, _: str) -> DataError:
        advice = did_you_mean(present[row], classes)
        return DataError(f"{shown}: the training data has no class '{present[row]}'; {advice}")

    codes = class_codes(present, classes, unknown)
    files = [file for group in by_class.values() for file in group]
    return files, np.repeat(codes, [len(group) for group in by_class.values()]), classes
