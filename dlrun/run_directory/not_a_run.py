"""What is named instead of a run directory, in a message with what to do."""

from __future__ import annotations

from pathlib import Path

from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.run_directory.access import present, reading

JOURNAL = "journal.jsonl"
"""A file that every study directory has, and no run directory."""
_FIRST = b"PK\x03\x04"
"""The first bytes of a zip file with members."""


def is_zip(path: Path) -> bool:
    """Whether a regular file begins as a zip file does.

    Raises:
        DataError: it cannot be read.
    """
    with reading(path), open_regular(path) as file:
        return file.read(len(_FIRST)) == _FIRST


def need_no_archive(path: Path) -> None:
    """Check that a path, which need not exist, does not name an archive.

    Raises:
        DataError: it does, or the file cannot be read.
    """
    if path.is_file() and is_zip(path):
        raise DataError(
            f"{path}: an archive, with which you can predict and evaluate only; name the run "
            "directory that it was made from"
        )


def need_no_study(path: Path) -> None:
    """Check that a directory is not that of a study, which also has a resolved.yaml.

    Raises:
        DataError: it is.
    """
    if present(path / JOURNAL):
        raise DataError(
            f"{path}: a study, not a run; name the run of one of its trials, such as {path}#0, or "
            f"of the best one, {path}@best"
        )


def not_one_training(path: Path) -> DataError:
    """The error of a cross-validation where one training is needed.

    Args:
        path: of its directory.
    """
    return DataError(
        f"{path}: a cross-validation, not one training; name one of its folds, such as "
        f"{path / 'fold-1'}"
    )


def need_directory(path: Path) -> None:
    """Check that there is a directory of this name.

    Raises:
        DataError: it does not exist, or is a file.
    """
    if path.is_dir():
        return
    if not path.is_file():
        raise DataError(f"{path}: no such run directory")
    need_no_archive(path)
    raise DataError(
        f"{path}: a file, not a run directory; name the directory of a run, such as runs/NAME/ID"
    )
