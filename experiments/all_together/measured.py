"""What the experiment on the whole recipe measured, by step."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dlrun.intervals import Estimate, Scale, estimate
from experiments.all_together.steps import BEFORE, FULL, STOPPING, UNTUNED, Task
from experiments.own_rate import Side
from experiments.pace import pace


@dataclass(frozen=True, slots=True)
class Measured:
    """All steps on one task.

    Attributes:
        task: the data.
        steps: trainings by step; the ladder first, then the full recipe without something.
        epochs: of each training, unless it stops early.
    """

    task: Task
    steps: Mapping[str, Side]
    epochs: int

    @property
    def ladder(self) -> list[str]:
        """The steps from plain SGD to the full recipe."""
        return [name for name in self.steps if not name.startswith("without")]

    @property
    def without(self) -> dict[str, str]:
        """The steps with one ingredient less than the full recipe, by what they lack."""
        found = {name: name for name in self.steps if name.startswith("without")}
        del found[UNTUNED]
        return {**found, STOPPING: BEFORE, UNTUNED: UNTUNED}

    @property
    def scale(self) -> Scale:
        """Of the test accuracy."""
        return Scale(0.0, 1.0, 1 / self.task.tested)

    def accuracy(self, step: str) -> list[float]:
        """Test accuracy by seed; that of guessing if the training diverged."""
        return self.steps[step].scores("test.accuracy", self.task.guessing)

    def loss(self, step: str) -> list[float]:
        """Test loss by seed; that of guessing among ten classes if the training diverged."""
        return self.steps[step].scores("test.loss", math.log(10))

    def reached(self, step: str) -> list[float]:
        """The first epoch with the target by seed, or one more than all epochs."""
        return [
            float(pace(run, "validation.accuracy", self.task.target, self.epochs))
            for run in self.steps[step].runs
        ]

    def trained(self, step: str) -> list[float]:
        """Epochs that were trained, by seed."""
        return [float(run.epochs) for run in self.steps[step].runs]

    def reached_mean(self, step: str) -> Estimate:
        """The mean epoch of the target."""
        return estimate(self.reached(step), of=Scale(1.0, self.epochs + 1.0, 1.0))

    def stopped_soon(self, step: str) -> list[int]:
        """Seeds whose training stopped in the first half of the epochs."""
        return [seed for seed, n in enumerate(self.trained(step)) if n <= self.epochs / 2]

    def lost(self, without: str) -> Estimate:
        """What the full recipe loses of its accuracy without an ingredient, paired by seed."""
        step = self.without[without]
        pairs = zip(self.accuracy(FULL), self.accuracy(step), strict=True)
        return estimate([full - less for full, less in pairs], of=Scale(step=self.scale.step))

    def later(self, without: str) -> Estimate:
        """How many epochs later the target is reached without an ingredient, paired by seed."""
        pairs = zip(self.reached(self.without[without]), self.reached(FULL), strict=True)
        return estimate([less - full for less, full in pairs], of=Scale(step=1.0))
