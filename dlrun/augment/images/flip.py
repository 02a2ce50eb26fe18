"""Mirrored images."""

from __future__ import annotations

from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, about_centre
from dlrun.augment.ranges import Probability


@augmentation("flip")
class Flip(Geometric):
    """Mirror images horizontally or vertically; no pixel is interpolated."""

    direction: Literal["horizontal", "vertical"] = "horizontal"
    """``horizontal`` swaps left and right, ``vertical`` swaps top and bottom."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    @property
    def fills(self) -> bool:
        """False: every pixel is a moved one."""
        return False

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The reflection."""
        mirror = (-1.0, 1.0) if self.direction == "horizontal" else (1.0, -1.0)
        return about_centre(np.tile(np.diag(mirror), (len(draws), 1, 1)), height, width)
