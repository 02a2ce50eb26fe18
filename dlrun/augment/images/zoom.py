"""Larger and smaller images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, about_centre
from dlrun.augment.ranges import Scale, around_one


@augmentation("zoom")
class Zoom(Geometric):
    """Enlarge or shrink what images show about their centre; their size stays."""

    factor: Scale = 0.1
    """Above 1 enlarges: a number d for 1 - d to 1 + d, or [low, high]."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The same about the centre, the other way."""
        factor = draws.uniform(*around_one(self.factor))
        return about_centre(np.eye(2) / factor[:, None, None], height, width)
