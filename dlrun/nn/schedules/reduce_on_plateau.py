"""A learning rate that drops when a metric stops improving."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from pydantic import Field, NonNegativeInt, PositiveInt

from dlrun.nn.schedules.base import Plateau, Schedule, schedule
from dlrun.spec.fields import Fraction, NonNegative


@schedule("reduce_on_plateau")
class ReduceOnPlateau(Schedule):
    """Multiply the learning rate by ``gamma`` when a metric has not improved for some epochs.

    Epochs of the warm-up do not count towards ``patience``.
    """

    gamma: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.1
    """Factor of each drop."""
    patience: PositiveInt = 5
    """Consecutive epochs without improvement after which the learning rate drops."""
    monitor: str | None = None
    """Metric to watch, such as ``train.loss``; null: the metric that selects the best epoch."""
    mode: Literal["auto", "min", "max"] = "auto"
    """Whether lower (min) or higher (max) is better; ``auto``: as the metric defines it."""
    min_delta: NonNegative = 0.0
    """Smallest change that counts as an improvement must exceed this."""
    cooldown: NonNegativeInt = 0
    """Epochs after a drop that do not count towards ``patience``."""
    final: Fraction = 0.0
    """Smallest factor on the learning rate."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """Always 1: the drops are in the plateau's factor."""
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
    """The drops so far, and the epochs since the last improvement.

    Attributes:
        rule: the schedule's settings.
        mode: whether lower or higher is better.
        best: the best value so far; NaN before the first.
        waited: epochs since then that count towards ``patience``.
        resting: remaining epochs of the cooldown.
    """

    kept: ClassVar = ("factor", "best", "waited", "resting")

    rule: ReduceOnPlateau
    mode: Literal["min", "max"]
    best: float = math.nan
    waited: int = 0
    resting: int = 0

    def record(self, epoch: int, value: float) -> None:
        """Add an epoch's value; during the warm-up nothing counts as a plateau."""
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
