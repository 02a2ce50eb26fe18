"""When a run began and ended, and the order of runs by that."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from dlrun.errors import DataError
from dlrun.run_directory import identity
from dlrun.run_directory.access import present
from dlrun.run_directory.earlier import at_first
from dlrun.run_directory.json_text import read_object


def created(path: Path, fold: int | None) -> float | None:
    """When a run began, in seconds since 1970.

    From the environment, whose time also a copied, renamed or resumed run keeps; else from the ID.
    """
    from datetime import datetime

    file = path / "environment.json"
    written = at_first(read_object(file), "time") if present(file) else None
    try:
        return datetime.fromisoformat(str(written)).timestamp()
    except ValueError:
        began = identity.began(path.name if fold is None else path.parent.name)
        return None if began is None else began.timestamp()


def newest_first(paths: Iterable[Path]) -> list[Path]:
    """Directories of runs, the one that began last first; a run comes before copies of it.

    Names of copied or renamed runs say nothing of their age, so only if there are any, the
    environment of each run is read.
    """
    known = list(paths)
    if all(identity.began(path.name) is not None for path in known):
        return sorted(known, key=lambda path: path.name, reverse=True)
    return sorted(known, key=age_key, reverse=True)


def age_key(path: Path) -> tuple[float, str, str]:
    """What directories of runs are sorted by, the oldest first.

    The first time of the environment, not that of the ID, which is up to a second earlier: of a
    run and a copy with another name, the copy would be the newer one.
    """
    began = identity.began(path.name)
    try:
        moment = created(path, None)
    except (DataError, OSError):  # whoever opens the run says what is wrong with it
        moment = None if began is None else began.timestamp()
    return moment or 0.0, "" if began is None else path.name, path.name


def last_written(directory: str) -> float | None:
    """When the result of a run was written, or else its last other file."""
    times = []
    for name in ("result.json", "metrics.csv", "environment.json", "resolved.yaml"):
        try:
            times.append(os.lstat(f"{directory}/{name}").st_mtime)
        except OSError:
            continue
        if name == "result.json":
            break
    return max(times, default=None)
