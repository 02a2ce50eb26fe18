"""Rotated images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, about_centre
from dlrun.augment.ranges import SymmetricRange, around_zero


@augmentation("rotate")
class Rotate(Geometric):
    """Rotate images about their centre."""

    degrees: SymmetricRange = 15.0
    """Angle, counterclockwise: a number d for -d to d, or [low, high]."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """Rotate back."""
        return rotation(draws.uniform(*around_zero(self.degrees)), height, width)


def rotation(degrees: Array, height: int, width: int) -> Array:
    """The old position of each pixel for a counterclockwise rotation: (n,) to (n, 3, 3)."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.stack((np.stack((cos, -sin), -1), np.stack((sin, cos), -1)), -2)
    return about_centre(linear, height, width)
