"""How many epochs a training needs to a target."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.lab import Trained


def epochs_to(curve: Sequence[float], target: float, epochs: int, *, lower: bool = False) -> int:
    """The first epoch, from 1, whose value is at least the target; if none is, all and one more.

    Args:
        curve: values by epoch.
        target: the value to reach.
        epochs: of the whole training.
        lower: whether lower values are better; then the value is at most the target.
    """
    reached = (
        epoch
        for epoch, value in enumerate(curve, 1)
        if (value <= target if lower else value >= target)
    )
    return next(reached, epochs + 1)


def pace(run: Trained, column: str, target: float, epochs: int, *, lower: bool = False) -> int:
    """Epochs to a target in a column of metrics.csv; a training that failed never reaches it."""
    curve = [] if run.failed else run.curves[column]
    return epochs_to(curve, target, epochs, lower=lower)
