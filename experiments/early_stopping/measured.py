"""What was measured, by task and seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from experiments.early_stopping.followed import Curves
from experiments.early_stopping.stopping import stopped
from experiments.early_stopping.tasks import PATIENCE, TASKS, USUAL, Settings, Task

Weights = Literal["best", "last"]

Values = list[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """Curves of whole trainings.

    Attributes:
        epochs: of a whole training.
        settings: by name of the task and side.
        sides: by name of the task and side, one training per seed.
        parts: by name of the task and fraction for validation, one training per seed, with the
            settings of ``early stopping``; 0 trains on all samples.
    """

    epochs: int
    settings: Mapping[tuple[str, str], Settings]
    sides: Mapping[tuple[str, str], Sequence[Curves]]
    parts: Mapping[tuple[str, float], Sequence[Curves]]

    def side(
        self,
        task: Task,
        side: str,
        score: str = "loss",
        *,
        patience: int | None = PATIENCE,
        weights: Weights = "best",
    ) -> Values:
        """Test scores by seed of a training that patience may stop."""
        return [_score(each, score, patience, weights) for each in self.sides[task.name, side]]

    def trained(self, task: Task, side: str, patience: int | None = PATIENCE) -> Values:
        """Epochs that are trained, by seed."""
        return [
            float(stopped(each["validation.loss"], patience).epochs)
            for each in self.sides[task.name, side]
        ]

    def lowest(self, task: Task, fraction: float = USUAL) -> Values:
        """The lowest test loss of any epoch, by seed."""
        return [min(each["test.loss"]) for each in self.parts[task.name, fraction]]

    def at_best(self, task: Task, fraction: float) -> Values:
        """Test loss of the epoch with the lowest validation loss of all, by seed."""
        return [_score(each, "loss", None, "best") for each in self.parts[task.name, fraction]]

    def best_epochs(self, task: Task, fraction: float) -> Values:
        """The epoch with the lowest validation loss of all, by seed."""
        return [
            float(stopped(each["validation.loss"], None).best)
            for each in self.parts[task.name, fraction]
        ]

    def again(self, task: Task, fraction: float) -> Values:
        """Test loss after as many epochs as the best one has, on all samples."""
        return [
            each["test.loss"][int(best) - 1]
            for best, each in zip(
                self.best_epochs(task, fraction), self.parts[task.name, 0.0], strict=True
            )
        ]

    def on_all(self, task: Task) -> Values:
        """Test loss at the end of the training on all samples."""
        return [each["test.loss"][-1] for each in self.parts[task.name, 0.0]]

    def loss_at(
        self,
        side: str,
        patience: int | None,
        weights: Weights = "best",
        tasks: Sequence[Task] = TASKS,
    ) -> Values:
        """Relative test loss of a training that patience may stop."""
        return self.relative(
            lambda task: self.side(task, side, patience=patience, weights=weights), tasks
        )

    def lowest_at(self, fraction: float) -> Values:
        """Relative test loss of the best epoch for the test."""
        return self.relative(lambda task: self.lowest(task, fraction))

    def chosen_at(self, fraction: float) -> Values:
        """Relative test loss of the best epoch for the validation."""
        return self.relative(lambda task: self.at_best(task, fraction))

    def relative(self, losses: Callable[[Task], Values], tasks: Sequence[Task] = TASKS) -> Values:
        """The mean over tasks, by seed, of losses relative to the lowest of the task.

        A loss of a task is divided by the mean over seeds of ``lowest``, so that tasks weigh the
        same and seeds stay paired.
        """
        rows = []
        for task in tasks:
            lowest = self.lowest(task)
            mean = math.fsum(lowest) / len(lowest)
            rows.append([loss / mean for loss in losses(task)])
        return averages(rows)


def averages(rows: Sequence[Sequence[float]]) -> Values:
    """The mean of each column."""
    return [math.fsum(column) / len(column) for column in zip(*rows, strict=True)]


def _score(curves: Curves, score: str, patience: int | None, weights: Weights) -> float:
    end = stopped(curves["validation.loss"], patience)
    return curves[f"test.{score}"][(end.best if weights == "best" else end.epochs) - 1]
