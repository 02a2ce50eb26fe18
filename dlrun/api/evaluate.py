"""Scoring a run."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from os import PathLike
from pathlib import Path

from dlrun.api.run import Run, warn_caller
from dlrun.inference.notes import Tell


def evaluate(
    run: str | PathLike[str],
    file: str | Path | None = None,
    *,
    tell: Tell = partial(warn_caller, further=1),  # noqa: B008
) -> Mapping[str, float]:
    """The loss and the metrics of a run's saved weights; the same as ``Run(run).evaluate(file)``.

    Args:
        run: the run directory, or an archive.
        file: samples with targets, in the form of the run's source; None scores the run's own
            validation and test set again, which an archive does not have.
        tell: called with each note on the samples, such as files that were left out; by default a
            note becomes a warning.

    Returns:
        Scores by name: ``loss`` and so on for a file, else ``validation.loss`` and so on.

    Raises:
        DataError: the run or the data cannot be read, or the run's own data has changed.
    """
    return Run(run).evaluate(None if file is None else str(file), tell)
