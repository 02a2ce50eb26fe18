"""Tasks that were submitted to dask, and the checkpoints that their runs have."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dlrun.run_directory.directory import RunDirectory

if TYPE_CHECKING:
    from distributed import Future


@dataclass(slots=True)
class Submitted:
    """A task that was submitted to dask.

    Attributes:
        future: of its end.
        directory: of its run.
        stored: checkpoints of the run before the task.
        begun: whether a worker has started it.
    """

    future: Future
    directory: str
    stored: Mapping[str, int]
    begun: bool = False


def stored_checkpoints(directory: str) -> Mapping[str, int]:
    """The checkpoints of a run by name, with their modification times in nanoseconds."""
    found = {}
    with suppress(OSError):
        for file in RunDirectory(Path(directory)).checkpoints.iterdir():
            with suppress(OSError):  # it was replaced just now
                found[file.name] = file.stat().st_mtime_ns
    return found
