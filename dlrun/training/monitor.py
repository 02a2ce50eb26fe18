"""Which epoch was the best, and whether patience has run out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from dlrun.experiment.early_stopping import Mode
from dlrun.nn.state import Kept
from dlrun.run_directory.improvement import is_better


@dataclass(slots=True)
class Monitor(Kept):
    """Which epoch was the best, and how long ago; ``record`` is called once per epoch.

    Attributes:
        mode: whether lower or higher is better.
        patience: epochs without improvement after which training stops; None: never.
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
        """Add the value of an epoch; returns whether it is an improvement."""
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
        best = self.best if self.best_epoch else None
        return is_better(value, best, self.mode, self.min_delta, self.baseline)
