"""Early stopping: a section of the spec."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import NonNegativeInt, PositiveInt

from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative

Mode = Literal["min", "max"]


class EarlyStopping(Component):
    """Stop when a metric no longer improves (Prechelt, "Early stopping - but when?", 1998)."""

    monitor: str = "validation.loss"
    """Metric to watch, such as ``validation.loss`` or ``train.accuracy``."""
    patience: PositiveInt = 10
    """Stop after this many epochs in a row without improvement."""
    min_delta: NonNegative = 0.0
    """Smallest change that counts as an improvement."""
    mode: Literal["auto", "min", "max"] = "auto"
    """``min``: lower is better; ``max``: higher is better; ``auto``: depends on the metric."""
    baseline: float | None = None
    """An epoch counts as an improvement only if it beats this value."""
    start_epoch: NonNegativeInt = 0
    """Epochs up to this one do not use up patience."""
    restore_best: bool = True
    """Keep the weights of the best epoch instead of the last."""

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For true, or a number of epochs, alone."""
        if field or value is False or not isinstance(value, int):
            return ""
        return f"write {{patience: {10 if value is True else value}}}"
