"""A run that was to be resumed, of which nothing is left to train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlrun.run_directory.directory import RunDirectory


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished run.

    Attributes:
        directory: the run's.
        notes: what the user should know of it, one line each.
    """

    directory: RunDirectory
    notes: Sequence[str] = ()
