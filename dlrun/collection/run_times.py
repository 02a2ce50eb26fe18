"""When a run began and ended."""

from __future__ import annotations

import os
from pathlib import Path

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
