"""A constant learning rate."""

from __future__ import annotations

from dlrun.nn.schedules.base import Schedule, schedule


@schedule("constant")
class Constant(Schedule):
    """The optimizer's learning rate, unchanged."""

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """Always 1."""
        return 1.0
