"""A learning rate that drops after given epochs."""

from __future__ import annotations

from pydantic import Field, PositiveInt

from dlrun.nn.schedules.base import Schedule, schedule
from dlrun.spec.fields import Positive


@schedule("multi_step")
class MultiStep(Schedule):
    """Multiply the learning rate by ``gamma`` after each of the given ``epochs``.

    They are counted from the end of the warm-up, if there is one.
    """

    epochs: tuple[PositiveInt, ...] = Field(min_length=1)
    """Epochs after which the learning rate drops; an epoch that is listed twice counts twice."""
    gamma: Positive = 0.1
    """Factor of each drop."""

    def unreached_after_warmup(self, epochs: float) -> str | None:
        """The drops after the end of the run."""
        late = ", ".join(str(each) for each in self.epochs if each >= epochs)
        return f"drops the rate after epoch {late}" if late else None

    def after_warmup(self, epoch: float, epochs: float) -> float:
        """gamma to the power of the drops so far."""
        return float(self.gamma ** sum(each <= epoch for each in self.epochs))
