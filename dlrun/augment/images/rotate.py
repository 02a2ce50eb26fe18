"""Turned images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, about_centre
from dlrun.augment.ranges import Span, around_zero


@augmentation("rotate")
class Rotate(Geometric):
    """Turn images round their centre."""

    degrees: Span = 15.0
    """Angle, counterclockwise: a number d for -d to d, or [low, high]."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """Turn back."""
        return rotation(draws.uniform(*around_zero(self.degrees)), height, width)


def rotation(degrees: Array, height: int, width: int) -> Array:
    """Where pixels come from if images are turned counterclockwise: (n,) to (n, 3, 3)."""
    angle = np.radians(degrees)
    cos, sin = np.cos(angle), np.sin(angle)
    linear = np.stack((np.stack((cos, -sin), -1), np.stack((sin, cos), -1)), -2)
    return about_centre(linear, height, width)
