"""Executors, which train the runs of a study on this machine or on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dlrun.study.executors.protocol import Ended, Epoch, Failed, Task


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process of a task has died, or was killed after the time limit.

    ``begun`` is False if it died before it was ready for the task.
    """

    reason: str
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Lost:
    """The process of a task was ended from outside; the run is not the cause and can resume."""

    reason: str


@dataclass(frozen=True, slots=True)
class News:
    """What happened to a task; ``number`` is the one that ``submit`` returned."""

    number: int
    what: Epoch | Ended | Failed | Crashed | Lost


class Executor(Protocol):
    """Runs tasks at the same time."""

    @property
    def jobs(self) -> int:
        """Maximum number of tasks at the same time; ``free`` can be smaller before any task."""

    @property
    def threads(self) -> int | None:
        """Threads of each task; None if the machine that runs it decides."""

    @property
    def free(self) -> int:
        """Number of tasks that can be submitted now."""

    def submit(self, task: Task) -> int:
        """Start a task; returns its number, by which news refers to it."""

    def answer(self, number: int, *, continues: bool) -> None:
        """Answer a task that asked whether to train another epoch."""

    def news(self, timeout: float) -> Sequence[News]:
        """What happened; waits for the first event, at most so many seconds."""

    def waiting(self) -> str | None:
        """Why no task can start, as a sentence; None if one can, or if the reason is unknown."""

    def cease(self) -> None:
        """Ask all tasks to stop."""

    def close(self) -> None:
        """End all processes."""
