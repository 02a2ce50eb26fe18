"""The learning curves of a run, which may be a cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlrun.collection.run_entry import RunEntry
from dlrun.run_directory.access import linked, present
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.usable import means

Columns = Mapping[str, Sequence[float]]
"""The columns of metrics.csv by name."""


def curve_columns(entry: RunEntry) -> Columns:
    """The columns of a run; of a cross-validation the means over its folds.

    The means end with the shortest fold, and have the columns that all folds have.

    Raises:
        DataError: it has no epoch yet, or a file is broken.
    """
    run = RunDirectory(entry.path)
    if not entry.folds:
        return run.metrics()
    folds = [columns for _, columns in fold_columns(run, entry.folds)]
    names = [name for name in (folds[0] if folds else {}) if all(name in fold for fold in folds)]
    return {name: means(zip(*(fold[name] for fold in folds), strict=False)) for name in names}


def fold_columns(run: RunDirectory, most: int) -> list[tuple[str, Columns]]:
    """The columns of the folds of a cross-validation that have any, with the folds' names.

    Args:
        run: the directory around the folds.
        most: maximum number of folds that are read.

    Raises:
        DataError: the metrics of a fold are broken.
    """
    found: list[tuple[str, Columns]] = []
    for number in range(1, most + 1):
        path = run.path / f"fold-{number}"
        if not present(path):
            break
        if path.is_symlink():
            raise linked(path)
        fold = RunDirectory(path)
        if present(fold.metrics_file) and fold.metrics_file.lstat().st_size:
            found.append((path.name, fold.metrics()))
    return found
