"""What a logger gets to know of a run: plain values, which can be sent to another process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Run:
    """The run that is logged.

    Attributes:
        name: the experiment's name.
        label: the run's name within its experiment or its group.
        unique: a name that no other run has.
        directory: its directory; an absolute path.
        working: the working directory of the command.
        parameters: the resolved spec as dotted keys.
        group: the study or cross-validation that it belongs to; None if it is alone.
        group_directory: its directory; None without a group.
        id: the ID that the logger returned when the run was started; None if it is new.
    """

    name: str
    label: str
    unique: str
    directory: str
    working: str
    parameters: Mapping[str, Scalar]
    group: str | None = None
    group_directory: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch is done: its number, from 1, and its values by name, such as ``train/loss``."""

    number: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Restart:
    """All epochs after ``epoch`` are void, and will be trained again with other values."""

    epoch: int


@dataclass(frozen=True, slots=True)
class End:
    """The run has ended.

    Attributes:
        status: ``completed``, ``stopped`` or ``diverged``.
        ended_by: what ended it, such as ``patience``.
        reason: why, in a sentence.
        epochs: number of finished epochs.
        best_epoch: the best one; 0 if none was finished.
        metrics: final scores by name, such as ``test/accuracy``.
        seconds: wall time of training, in all processes.
        files: paths of the files to store if the spec asks for artifacts.
    """

    status: str
    ended_by: str
    reason: str
    epochs: int
    best_epoch: int
    metrics: Mapping[str, float]
    seconds: float
    files: Sequence[str] = ()

    @property
    def scores(self) -> dict[str, float]:
        """All numbers of the result, with names that differ from those of epochs."""
        counts = {"epochs": self.epochs, "best_epoch": self.best_epoch, "seconds": self.seconds}
        return {f"final/{name}": value for name, value in {**self.metrics, **counts}.items()}

    @property
    def notes(self) -> dict[str, str]:
        """All texts of the result."""
        return {"status": self.status, "ended_by": self.ended_by, "reason": self.reason}


Message = Epoch | Restart | End
