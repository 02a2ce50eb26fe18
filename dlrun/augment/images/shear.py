"""Sheared images."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, about_centre
from dlrun.augment.ranges import SymmetricRange, around_zero


@augmentation("shear")
class Shear(Geometric):
    """Shear images: shift rows, or columns, in proportion to their distance from the centre."""

    degrees: SymmetricRange = 10.0
    """Angle of the shear: a number d for -d to d, or [low, high]."""
    direction: Literal["horizontal", "vertical"] = "horizontal"
    """``horizontal`` moves rows, ``vertical`` columns."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """Shear back."""
        slope = np.tan(np.radians(draws.uniform(*around_zero(self.degrees))))
        return slant(slope, self.direction, height, width)


def slant(
    slope: Array, direction: Literal["horizontal", "vertical"], height: int, width: int
) -> Array:
    """The old position of each pixel if rows (or columns) shift by ``slope`` per row."""
    linear = np.tile(np.eye(2), (len(slope), 1, 1))
    linear[(slice(None), 0, 1) if direction == "horizontal" else (slice(None), 1, 0)] = slope
    return about_centre(linear, height, width)
