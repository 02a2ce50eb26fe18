"""What runs the tasks of a study, somewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from dlrun.study.executors.protocol import Ended, Epoch, Failed, Task


@dataclass(frozen=True, slots=True)
class Crashed:
    """The process of a task is gone, or was ended as it came to no end.

    ``begun`` tells whether it had come to the task, or was gone while it started.
    """

    reason: str
    begun: bool = True


@dataclass(frozen=True, slots=True)
class Lost:
    """The process of a task was ended from outside, by no fault of the run, which can resume."""

    reason: str


@dataclass(frozen=True, slots=True)
class News:
    """What became of a task: ``number`` is what ``submit`` gave."""

    number: int
    what: Epoch | Ended | Failed | Crashed | Lost


class Executor(Protocol):
    """Runs tasks side by side."""

    @property
    def jobs(self) -> int:
        """How many tasks there may be at once; ``free`` may be less even if none was submitted."""

    @property
    def threads(self) -> int | None:
        """Of each task; None where the machine that runs it decides."""

    @property
    def free(self) -> int:
        """How many tasks can be submitted now."""

    def submit(self, task: Task) -> int:
        """Begin a task; the number by which news calls it."""

    def answer(self, number: int, *, goes_on: bool) -> None:
        """Tell a task that asked whether it goes on."""

    def news(self, timeout: float) -> Sequence[News]:
        """What happened, once something has or after so many seconds."""

    def waiting(self) -> str | None:
        """Why no task can begin, in words; None where one can, or nobody knows."""

    def cease(self) -> None:
        """Ask all tasks to stop."""

    def close(self) -> None:
        """End what is still there."""
