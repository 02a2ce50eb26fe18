"""Cut-outs of padded images."""

from __future__ import annotations

import numpy as np
from pydantic import NonNegativeInt

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, shift


@augmentation("crop")
class Crop(Geometric):
    """Pad images on all sides, and cut out their old size at a random place, in whole pixels."""

    padding: NonNegativeInt = 4
    """Pixels on each side; the image moves by at most so many."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The place, in the image before padding."""
        places = 2 * self.padding + 1
        x, y = (draws.integers(places) - self.padding for _ in range(2))
        return shift(x.astype(np.float64), y.astype(np.float64))
