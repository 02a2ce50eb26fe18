"""Zoomed images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, about_centre
from dlrun.augment.ranges import ScaleFactor, around_one


@augmentation("zoom")
class Zoom(Geometric):
    """Zoom into or out of images about their centre; their size stays the same."""

    factor: ScaleFactor = 0.1
    """Zoom factor, above 1 enlarges: a number d for 1 - d to 1 + d, or [low, high]."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The inverse zoom."""
        factor = draws.uniform(*around_one(self.factor))
        return about_centre(np.eye(2) / factor[:, None, None], height, width)
