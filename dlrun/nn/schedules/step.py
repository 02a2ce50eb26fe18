"""A learning rate that drops at regular intervals."""

from __future__ import annotations

from pydantic import PositiveInt

from dlrun.nn.schedules.base import Schedule, schedule
from dlrun.spec.fields import Positive


@schedule("step")
class StepDecay(Schedule):
    """Multiply the learning rate by ``gamma`` after every ``every`` epochs."""

    every: PositiveInt = 10
    """Epochs between two drops."""
    gamma: Positive = 0.1
    """Factor of each drop."""

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The first drop."""
        late = self.every >= epochs
        return f"drops the rate for the first time after epoch {self.every}" if late else None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """gamma ** floor(epoch / every)."""
        return float(self.gamma ** (int(epoch) // self.every))
