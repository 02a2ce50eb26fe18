"""Early stopping: a section of the spec, and the plain state that the loop asks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import NonNegativeInt, PositiveInt

from dlrun.nn.state import Kept
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative

Mode = Literal["min", "max"]


class EarlyStopping(Component):
    """Stop when a metric no longer improves (Prechelt, "Early stopping - but when?", 1998)."""

    monitor: str = "validation.loss"
    """The metric to watch, as ``validation.loss`` or ``train.accuracy``."""
    patience: PositiveInt = 10
    """Epochs in a row without improvement after which training stops."""
    min_delta: NonNegative = 0.0
    """A change by no more than this is no improvement."""
    mode: Literal["auto", "min", "max"] = "auto"
    """Whether less or more is better; ``auto`` knows it from the metric."""
    baseline: float | None = None
    """A value that must be beaten for an epoch to count as an improvement at all."""
    start_epoch: NonNegativeInt = 0
    """Epochs up to this one use up no patience."""
    restore_best: bool = True
    """End with the weights of the best epoch instead of the last."""


@dataclass(slots=True)
class Monitor(Kept):
    """Which epoch was the best, and how long ago; ``record`` is called once an epoch.

    Attributes:
        mode: whether less or more is better.
        patience: None never stops.
        best: the best value so far; infinitely bad before the first.
        best_epoch: its epoch; 0 before the first.
        waited: epochs since then that used up patience.
    """

    kept: ClassVar = ("best", "best_epoch", "waited")

    mode: Mode
    patience: int | None = None
    min_delta: float = 0.0
    baseline: float | None = None
    start_epoch: int = 0
    best: float = math.nan
    best_epoch: int = 0
    waited: int = 0

    def record(self, epoch: int, value: float) -> bool:
        """Take in an epoch's value; whether it is an improvement."""
        if self._better(value):
            self.best, self.best_epoch, self.waited = value, epoch, 0
            return True
        if epoch > self.start_epoch:
            self.waited += 1
        return False

    @property
    def exhausted(self) -> bool:
        """Whether patience is used up."""
        return self.patience is not None and self.waited >= self.patience

    @property
    def patience_left(self) -> int | None:
        """Epochs that may still pass without improvement."""
        return None if self.patience is None else max(0, self.patience - self.waited)

    def _better(self, value: float) -> bool:
        sign = 1.0 if self.mode == "max" else -1.0
        if math.isnan(value):
            return False
        if self.best_epoch == 0:
            return self.baseline is None or sign * (value - self.baseline) > self.min_delta
        return sign * (value - self.best) > self.min_delta
