"""A rate that drops when a metric no longer improves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from dlrun.nn.schedule import Plateau, Schedule, schedule
from dlrun.spec.fields import Fraction, NonNegative


@schedule("reduce_on_plateau")
class ReduceOnPlateau(Schedule):
    """Multiply the learning rate by ``gamma`` when a metric has not improved for some epochs.

    Epochs of the warm-up use up no patience.
    """

    gamma: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    """What each drop multiplies by."""
    patience: PositiveInt = 5
    """Epochs in a row without improvement after which the rate drops."""
    monitor: str | None = None
    """The metric to watch, as ``train.loss``; null is the one that tells the best epoch."""
    mode: Literal["auto", "min", "max"] = "auto"
    """Whether less or more is better; ``auto`` knows it from the metric."""
    min_delta: NonNegative = 0.0
    """A change by no more than this is no improvement."""
    cooldown: NonNegativeInt = 0
    """Epochs behind a drop that use up no patience."""
    final: Fraction = 0.0
    """The least factor."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """Always 1: what drops is the plateau's factor."""
        return 1.0

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The first drop."""
        late = self.patience >= epochs
        return f"drops the rate after {self.patience} epochs at the earliest" if late else None

    def plateau(self, mode: Literal["min", "max"]) -> Drops:
        """The state of a run."""
        return Drops(self, mode)


@dataclass(slots=True)
class Drops(Plateau):
    """How often the rate has dropped, and how long ago the metric improved; plain numbers.

    Attributes:
        rule: what the spec says.
        mode: whether less or more is better.
        best: the best value so far; NaN before the first.
        waited: epochs since then that used up patience.
        resting: epochs of the cooldown that are left.
    """

    kept: ClassVar = ("factor", "best", "waited", "resting")

    rule: ReduceOnPlateau
    mode: Literal["min", "max"]
    best: float = math.nan
    waited: int = 0
    resting: int = 0

    def record(self, epoch: int, value: float) -> None:
        """Take in an epoch's value; while the rate still rises there is no plateau."""
        sign = 1.0 if self.mode == "max" else -1.0
        if not math.isnan(value) and (
            math.isnan(self.best) or sign * (value - self.best) > self.rule.min_delta
        ):
            self.best, self.waited = value, 0
        else:
            self.waited += 1
        if self.resting:
            self.resting -= 1
            self.waited = 0
        if epoch < self.rule.warmup + 1:  # at least a part of it was warm-up
            self.waited = 0
        if self.waited >= self.rule.patience:
            self.factor = max(self.factor * self.rule.gamma, self.rule.final)
            self.resting, self.waited = self.rule.cooldown, 0
