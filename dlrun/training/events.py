"""What the training loop yields. Terminal, files and loggers only consume these."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.runs.ending import Ending, Status


@dataclass(frozen=True, slots=True)
class RunStarted:
    """Everything is built; the first step comes next.

    Attributes:
        name: the experiment's name.
        epochs: how many epochs are planned.
        steps: steps in an epoch.
        samples: samples in each part: train, validation, test.
        parameters: trainable numbers in the network.
        monitor: the metric that tells the best epoch, as ``validation.loss``.
        patience: epochs without improvement after which training stops; None is never.
        epoch: epochs that ended before, in other processes, and ``step`` the steps of the next one.
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
    """A step is done: epoch and step count from 1, ``loss`` is that of its batch."""

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
        best_epoch: the epoch that is, and ``best`` its value.
        patience_left: epochs that may still pass without improvement; None is any number.
    """

    epoch: int
    row: Mapping[str, float]
    improved: bool
    best_epoch: int
    best: float
    patience_left: int | None


@dataclass(frozen=True, slots=True)
class Restarted:
    """Training has diverged and goes on from earlier weights; the epochs behind them are void.

    Attributes:
        reason: why, in a sentence.
        epoch: the epoch whose weights these are, behind which it goes on; 0 is the start.
        lr_factor: what every learning rate is multiplied by from here on.
        attempt: which it is, of ``attempts``.
    """

    reason: str
    epoch: int
    lr_factor: float
    attempt: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Trained:
    """Training is over, and the weights are still those that it would go on with.

    Attributes:
        status: how it ended.
        epochs: epochs that were finished.
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
        epochs: epochs that were finished.
        best_epoch: the epoch of the best monitored value; 0 where no epoch was finished.
        metrics: final scores of the kept weights, ``validation.*`` and ``test.*``.
        seconds: wall time of training, in all processes.
        confusion: rows are true, columns predicted classes of the test part (of validation where
            there is no test part); None in regression.
        classes: names of the classes.
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


Event = RunStarted | StepEnded | EpochEnded | Restarted | Trained | RunEnded


def as_json(event: RunStarted | EpochEnded | Restarted | RunEnded) -> dict[str, Any]:
    """The event as a JSON object, with its name under ``event``."""
    from dataclasses import asdict

    name = {
        RunStarted: "run_started",
        EpochEnded: "epoch",
        Restarted: "restarted",
        RunEnded: "run_ended",
    }
    return {"event": name[type(event)], **asdict(event)}
