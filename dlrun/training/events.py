"""Events that the training loop yields; terminal, files and loggers consume them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.run_directory.curves import Curves
from dlrun.run_directory.ending import Ending, Status
from dlrun.training.restarts import Restart


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything is built; the first step comes next.

    Attributes:
        name: the experiment's name.
        epochs: how many epochs are planned.
        steps: steps per epoch; 0 if unknown, as in a run of an older version that is followed.
        samples: number of samples in each set: train, validation, test; empty if unknown.
        parameters: number of trainable values in the network.
        monitor: the metric that determines the best epoch, such as ``validation.loss``.
        patience: epochs without improvement after which training stops; None: never.
        epoch: epochs that ended in earlier processes, and ``step`` the steps of the next one.
    """

    name: str
    epochs: int
    steps: int
    samples: Mapping[str, int]
    parameters: int
    monitor: str
    patience: int | None
    epoch: int = 0
    step: int = 0


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step is done: epoch and step count from 1; ``loss`` is that of the batch."""

    epoch: int
    step: int
    loss: float


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """An epoch is done and validated.

    Attributes:
        epoch: counts from 1.
        row: the line of metrics.csv: epoch, step, seconds, lr, train.*, validation.*.
        improved: the monitored metric is the best so far.
        best_epoch: the best epoch so far, and ``best`` its value.
        patience_left: epochs that may still pass without improvement; None: any number.
    """

    epoch: int
    row: Mapping[str, float]
    improved: bool
    best_epoch: int
    best: float
    patience_left: int | None


@dataclass(frozen=True, slots=True)
class Restarted:
    """Training has diverged and continues from earlier weights; the epochs after them are void.

    Attributes:
        reason: why, in a sentence.
        epoch: the epoch whose weights were restored; 0: the initial weights.
        lr_factor: factor for every learning rate from here on.
        attempt: number of this restart, out of ``attempts``.
    """

    reason: str
    epoch: int
    lr_factor: float
    attempt: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Trained:
    """Training is over; the weights are still those with which it could continue.

    Attributes:
        status: how it ended.
        epochs: number of finished epochs.
    """

    status: Status
    epochs: int


@dataclass(frozen=True, slots=True)
class RunEnded:
    """Training is over and the final weights are scored.

    Attributes:
        status: how it ended, in a word.
        ended_by: what ended it.
        reason: why, in a sentence for people.
        epochs: number of finished epochs.
        best_epoch: the epoch of the best monitored value; 0 if no epoch was finished.
        metrics: final scores of the kept weights, ``validation.*`` and ``test.*``.
        seconds: wall time of training, in all processes.
        confusion: counts; rows are true, columns predicted classes of the test set (of the
            validation set without a test set); None in regression.
        classes: names of the classes.
        restarts: after divergences, in all processes.
        curves: the numbers in the pictures of the final predictions; None if there are none.
    """

    status: Status
    ended_by: Ending
    reason: str
    epochs: int
    best_epoch: int
    metrics: Mapping[str, float]
    seconds: float
    confusion: tuple[tuple[int, ...], ...] | None = None
    classes: tuple[str, ...] | None = None
    restarts: tuple[Restart, ...] = ()
    curves: Curves | None = None


Event = RunStarted | StepEnded | EpochEnded | Restarted | Trained | RunEnded


def as_json(event: RunStarted | EpochEnded | Restarted | RunEnded) -> dict[str, Any]:
    """The event as a JSON object, with its name under ``event``; without ``curves``."""
    from dataclasses import asdict

    name = {
        RunStarted: "run_started",
        EpochEnded: "epoch",
        Restarted: "restarted",
        RunEnded: "run_ended",
    }
    found = {"event": name[type(event)], **asdict(event)}
    found.pop("curves", None)  # long, and in a file of the run directory
    return found
