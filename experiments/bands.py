"""Means with their 95 % intervals, as lines with a band or as points with bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from dlrun.arrays import Array
from dlrun.intervals import UNKNOWN, Estimate, Scale, estimate


@dataclass(frozen=True, slots=True)
class Band:
    """Means and the ends of their intervals, by point; an end that is unknown is the mean."""

    mean: Array
    low: Array
    high: Array

    @property
    def bars(self) -> Array:
        """Lengths below and above the means, (2, points), for ``errorbar``."""
        return np.array([self.mean - self.low, self.high - self.mean])


def band_of(found: Iterable[Estimate]) -> Band:
    """The band of some estimates."""
    ends = [
        (
            each.mean,
            each.mean if each.low is None else each.low,
            each.mean if each.high is None else each.high,
        )
        for each in found
    ]
    return Band(*np.array(ends).T)


def band(rows: Sequence[Sequence[float]] | Sequence[Array] | Array, scale: Scale = UNKNOWN) -> Band:
    """The band of the mean over seeds.

    Args:
        rows: (seeds, points).
        scale: range of the values.
    """
    return band_of(estimate(column, of=scale) for column in np.array(rows).T.tolist())


def draw_band(
    axes: Axes,
    x: Sequence[float] | Array,
    values: Band,
    *,
    color: str,
    alpha: float = 0.2,
    **look: Any,
) -> None:
    """Draw means as a line, which ``look`` describes, and their intervals as a band."""
    axes.plot(x, values.mean, color=color, **look)
    axes.fill_between(x, values.low, values.high, color=color, alpha=alpha, linewidth=0)
