"""The data of a run that is now somewhere else, which is not a change of the data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError, SpecError
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.read import data_section
from dlrun.run_directory.saved_run import SavedRun


def reading_from(
    before: Experiment,
    now: Experiment,
    ran: Mapping[str, Any],
    runs: Mapping[str, Any],
    *,
    same_split: bool = False,
) -> Experiment:
    """The experiment of a run with the paths of the data as they are now.

    It is ``before`` itself if the checksum of the data is not known to be that of the run.

    Args:
        before: the spec of the run, anchored.
        now: the spec to resume with, anchored.
        ran: the environment of the run.
        runs: that of this process.
        same_split: whether each sample is known to be in the same set.
    """
    if ran.get("data") is None or not same_data(ran["data"], runs.get("data")):
        return before
    section = before.data.reading_from(now.data, lists=same_split)
    return before.model_copy(update={"data": section})


def moved(before: Experiment, now: Experiment, directory: Path) -> list[str]:
    """A line for the user if two specs, which are otherwise equal, read data from elsewhere.

    Args:
        before: the spec of the run.
        now: from ``reading_from``.
        directory: of the run.
    """
    old, new = before.data.paths(), now.data.paths()
    found = [f"{new[key]} (was {path})" for key, path in old.items() if new[key] != path]
    return [f"{directory}: the data is now read from {', '.join(found)}"] if found else []


@contextmanager
def own_data(run: SavedRun) -> Iterator[None]:
    """An error within this block says how to name another path, if the run's own data is missing.

    Args:
        run: its directory, or an archive, whose own data is not read.
    """
    try:
        yield
    except SpecError as error:
        first, *others = error.errors
        error.errors = (f"{first}{_advice(run)}", *others)
        error.args = ("\n".join(error.errors),)
        raise
    except DataError as error:
        error.args = (f"{error}{_advice(run)}",)
        raise


def _advice(run: SavedRun) -> str:
    """How to name other paths of data that is missing; empty if all of it is there."""
    section = None if run.data_folder is None else data_section(run)
    if section is None or run.data_folder is None:
        return ""
    missing = [
        f"data.{key}=/NEW/PATH"
        for key, path in section.paths().items()
        if _is_missing(run.data_folder / path)
    ]
    if not missing:
        return ""
    return f" (if the data was moved: dlrun resume {run.path} {' '.join(missing)})"


def _is_missing(path: Path) -> bool:
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False
