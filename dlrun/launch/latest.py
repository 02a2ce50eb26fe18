"""The run that ``--resume`` resumes: the newest one of the same command."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dlrun.errors import InputError
from dlrun.run_directory.access import writing
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.latest import latest_run
from dlrun.run_directory.lock import gate


@contextmanager
def latest(
    runs: Path, name: str, command: Mapping[str, Any], spec: Path, *, or_start: bool
) -> Iterator[tuple[RunDirectory | None, tuple[str, ...]]]:
    """The newest run of a command, and a line for each newer one that cannot be read.

    Of two processes that start at once, one waits until the other has left the block, and then
    finds its run.

    Args:
        runs: the folder of all runs.
        name: of the experiment.
        command: from ``command_of``.
        spec: the path of its spec, for messages.
        or_start: whether there may be none, as one is then started.

    Raises:
        InputError: there is none.
        DataError: the folder cannot be written.
    """
    folder = runs / name
    if or_start:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
    elif latest_run(runs, name, command)[0] is None:
        raise InputError(f"{spec}: no run of it in {folder} to resume; --resume auto starts one")
    with gate(folder):
        yield latest_run(runs, name, command)
