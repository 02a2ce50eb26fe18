"""Where a cross-validation is written: in a new directory, or in one that it resumes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dlrun.launch.latest import latest
from dlrun.run_directory.directory import RunDirectory

Found = tuple[RunDirectory, bool, tuple[str, ...]]
"""The directory, whether it is resumed, and a line for each newer one that cannot be read."""


class Place(Protocol):
    """Finds the directory of a cross-validation, or makes it."""

    def directory(
        self, name: str, command: Mapping[str, Any], spec: Path
    ) -> AbstractContextManager[Found]:
        """The directory; within the block, no other process can find or make one.

        Args:
            name: of the experiment.
            command: by which it is found again.
            spec: the path of its spec, for messages.
        """


@dataclass(frozen=True, slots=True)
class New:
    """A new directory, ``runs/<name>/<id>``.

    Attributes:
        runs: the folder of all runs.
    """

    runs: Path

    @contextmanager
    def directory(self, name: str, command: Mapping[str, Any], spec: Path) -> Iterator[Found]:
        """Make it."""
        yield RunDirectory.create(self.runs, name), False, ()


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest directory of the same command.

    Attributes:
        runs: the folder of all runs.
        or_new: whether to make one if there is none.
    """

    runs: Path
    or_new: bool

    @contextmanager
    def directory(self, name: str, command: Mapping[str, Any], spec: Path) -> Iterator[Found]:
        """Find it.

        Raises:
            InputError: there is none, and none should be made.
            DataError: it cannot be made.
        """
        newest = latest(self.runs, name, command, spec, or_start=self.or_new)
        with newest as (found, notes):
            yield found or RunDirectory.create(self.runs, name), found is not None, notes


@dataclass(frozen=True, slots=True)
class Given:
    """A directory that the user has named.

    Attributes:
        named: the directory.
    """

    named: RunDirectory

    @contextmanager
    def directory(self, name: str, command: Mapping[str, Any], spec: Path) -> Iterator[Found]:
        """The directory itself."""
        yield self.named, True, ()
