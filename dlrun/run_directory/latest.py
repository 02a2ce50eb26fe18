"""The newest run of a spec, which ``dlrun train --resume`` resumes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory.access import present
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.run_times import newest_first


def latest_run(
    root: Path, name: str, call: Mapping[str, Any]
) -> tuple[RunDirectory | None, tuple[str, ...]]:
    """The newest run of a name that was begun by a call, according to its environment.

    Runs that were killed before they wrote their environment are skipped.

    Returns:
        The run, if any, and a line for each newer one that cannot be read.
    """
    parent, notes = root / name, list[str]()
    found = parent.iterdir() if parent.is_dir() else ()
    for path in newest_first(each for each in found if each.is_dir()):
        run = RunDirectory(path)
        try:
            if not present(run.resolved_file):
                continue
            if RunDirectory.open(path).environment().get("call") == call:
                return run, tuple(notes)
        except DataError as error:
            notes.append(f"{error}; that run is skipped")
    return None, tuple(notes)
