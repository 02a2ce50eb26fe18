"""Experiments with findings in a folder."""

from __future__ import annotations

from pathlib import Path

from dlrun.errors import DataError, MachineError
from dlrun.findings.record import FILE, Record, read_record
from dlrun.run_directory.access import present, reading

DEPTH = 2
"""How many folders deep experiments are found."""
MOST = 500
"""Maximum number of experiments."""


def find_records(folder: Path) -> tuple[dict[Path, Record], list[str]]:
    """The findings in a folder and in the folders in it, by the folder that has them, sorted.

    Links are not followed.

    Returns:
        The findings, and a line for each file that is broken, or on what is left out.

    Raises:
        MachineError: a folder or a file cannot be read.
    """
    found: dict[Path, Record] = {}
    broken: list[str] = []
    waiting = [(folder, 0)]
    while waiting and len(found) < MOST:
        here, depth = waiting.pop(0)
        if present(here / FILE):
            try:
                found[here] = read_record(here / FILE)
            except MachineError:
                raise
            except DataError as error:
                broken.append(str(error))
        if depth < DEPTH:
            with reading(here):
                inner = sorted(each for each in here.iterdir() if _is_folder(each))
            waiting += [(each, depth + 1) for each in inner]
    if waiting:
        broken.append(f"{folder}: only the first {MOST} experiments are shown")
    return found, broken


def _is_folder(path: Path) -> bool:
    return not path.name.startswith(".") and not path.is_symlink() and path.is_dir()
