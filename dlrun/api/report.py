"""Reports as HTML."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

from dlrun.api.at_least import whole
from dlrun.cleaning.deletion import own_files
from dlrun.collection.naming import resolve
from dlrun.errors import InputError
from dlrun.pages.report import report_of
from dlrun.run_directory.output import need_other, write_output


def report(
    path: str | PathLike[str], out: str | Path | None = None, *, samples: int | None = None
) -> str:
    """Make the report of a run, a study, or all runs and studies in a folder, as one HTML file.

    It loads nothing from elsewhere and runs nothing from the directory, which is only read.

    Args:
        path: a run directory, a study directory, a folder of them, or a word that names a run or
            study, such as ``latest``.
        out: the file to write; None writes none.
        samples: of a run, the maximum number of validation samples to predict, which also permits
            to read data of any size; 0 reads no data; None limits both to what takes about a
            second.

    Returns:
        The text of the file.

    Raises:
        DataError: the directory does not exist, or a file in it is broken, or ``out`` cannot be
            written or is such a file.
        SpecError: the sweep of a study has errors.
        InputError: ``samples`` is negative, or not a whole number.
    """
    whole(samples=samples)
    if samples is not None and samples < 0:
        raise InputError(f"samples must be 0 or more, got {samples}")
    directory = resolve(path)
    if out is not None:
        need_other(Path(out), *own_files(directory))
    text = report_of(directory, samples)
    if out is not None:
        write_output(Path(out), text)
    return text
