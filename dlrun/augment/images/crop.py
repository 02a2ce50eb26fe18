"""Random crops of padded images."""

from __future__ import annotations

import numpy as np
from pydantic import NonNegativeInt

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, shift
from dlrun.errors import ShapeError


@augmentation("crop")
class Crop(Geometric):
    """Pad images on all sides, and crop them to their original size at a random position."""

    padding: NonNegativeInt = 4
    """Pixels on each side; the image moves by at most this many, in whole pixels."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images of which every crop shows a part."""
        super().check(sample, task)
        height, width, _ = sample
        if self.padding >= min(height, width) and self.fill != "reflect":
            raise ShapeError(
                f"{self.kind} moves images by up to {self.padding} pixels, which leaves nothing of "
                f"images of {height} x {width}; lower padding to {min(height, width) - 1} or less"
            )

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The position in the image before padding."""
        places = 2 * self.padding + 1
        x, y = (draws.integers(places) - self.padding for _ in range(2))
        return shift(x.astype(np.float64), y.astype(np.float64))
