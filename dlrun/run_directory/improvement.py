"""Which epoch of a run was the best, by the values of the score that is monitored."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal


def is_better(
    value: float,
    best: float | None,
    mode: Literal["min", "max"],
    min_delta: float = 0.0,
    baseline: float | None = None,
) -> bool:
    """Whether the value of an epoch is an improvement; NaN is none.

    Args:
        value: of the epoch.
        best: the value of the best epoch so far; None before there is one.
        mode: whether lower or higher is better.
        min_delta: smaller changes do not count.
        baseline: what the first best value has to beat; None for nothing.
    """
    if math.isnan(value):
        return False
    other = baseline if best is None else best
    sign = 1.0 if mode == "max" else -1.0
    return other is None or sign * (value - other) > min_delta


def best_epoch(
    values: Sequence[float],
    mode: Literal["min", "max"],
    min_delta: float = 0.0,
    baseline: float | None = None,
) -> int:
    """The epoch, from 1, that a training with these values keeps as the best; 0 for none."""
    best: float | None = None
    found = 0
    for epoch, value in enumerate(values, start=1):
        if is_better(value, best, mode, min_delta, baseline):
            best, found = value, epoch
    return found
