"""Predictions of a run for the samples in a file."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from os import PathLike
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir

from dlrun.api.run import Run, warn_caller
from dlrun.cleaning.deletion import own_files
from dlrun.collection.naming import resolve_run
from dlrun.errors import DataError
from dlrun.inference.answers import Answers, as_csv
from dlrun.inference.notes import Tell
from dlrun.inference.prediction import streamed
from dlrun.run_directory.output import need_other, write_output
from dlrun.run_directory.saved_run import open_saved

_HELD = 1 << 20
"""Characters of output in memory; more are in a temporary file."""
_ANY = "surrogatepass"
"""Names of files may have bytes that are not UTF-8."""


def predict(
    run: str | PathLike[str],
    file: str | Path,
    *,
    out: str | Path | None = None,
    id_column: str | None = None,
    tell: Tell = partial(warn_caller, further=1),  # noqa: B008
) -> Answers:
    """Predict for the samples in a file; ``Run.predict`` does it for arrays.

    Args:
        run: the run directory, or an archive.
        file: samples in the form of the run's source; targets are not needed.
        out: a CSV file to write; None writes none.
        id_column: a column of the file, such as an ID, to repeat after ``sample``.
        tell: called with each note on the samples, such as files that were left out; by default a
            note becomes a warning.

    Returns:
        A table with one row per sample: ``header`` and ``rows``, as in the CSV file.

    Raises:
        DataError: the run or the file cannot be used, or ``out`` cannot be written or is the
            file, the archive or a file of the run.
    """
    if out is not None:
        run = _run_beside(Path(out), run, file)
    predictions = Run(run).predict_file(str(file), tell, id_column=id_column)
    if out is not None:
        write_output(Path(out), as_csv(predictions.header, predictions.rows))
    return predictions


def write_csv(
    run: str | PathLike[str], file: str | Path, out: Path, tell: Tell, id_column: str | None = None
) -> None:
    """Write the same table to a file, as the samples are read: neither need fit in memory.

    Args:
        run: the run directory, or an archive.
        file: samples in the form of the run's source; targets are not needed.
        out: the CSV file to write.
        tell: called with each note on the samples.
        id_column: as for ``predict``.

    Raises:
        DataError: as ``predict``; an existing file is unchanged.
    """
    run = _run_beside(out, run, file)
    write_output(out, _csv(run, file, tell, id_column))


def _run_beside(out: Path, run: str | PathLike[str], file: str | Path) -> Path:
    """The run or archive, if output replaces neither it, nor a file of it, nor the samples."""
    place = resolve_run(run)
    need_other(out, file, place, *own_files(place))
    return place


def csv_text(
    run: str | PathLike[str], file: str | Path, tell: Tell, id_column: str | None = None
) -> Iterator[str]:
    """The text of the same table in parts of whole lines, once all samples are predicted.

    Until then it is in a temporary file, so an error comes before any text.

    Args:
        run: the run directory, or an archive.
        file: samples in the form of the run's source; targets are not needed.
        tell: called with each note on the samples.
        id_column: as for ``predict``.

    Raises:
        DataError: as ``predict``; or the temporary file cannot be written.
    """
    parts = _csv(run, file, tell, id_column)
    with SpooledTemporaryFile(_HELD, "w+", encoding="utf-8", errors=_ANY, newline="\n") as text:
        for part in parts:
            try:
                text.write(part)
            except OSError as error:
                raise DataError(
                    f"{gettempdir()}: {error.strerror}, so the predictions cannot be kept until "
                    "they are printed; use --out"
                ) from error
        text.seek(0)
        while lines := text.readlines(_HELD):
            yield "".join(lines)


def _csv(
    run: str | PathLike[str], file: str | Path, tell: Tell, id_column: str | None
) -> Iterator[str]:
    saved = open_saved(resolve_run(run))
    which = saved.training_result()["weights"]
    return as_csv(*streamed(saved, which, tell, str(file), id_column))
