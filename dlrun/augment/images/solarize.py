"""Images with inverted bright values."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import per_image
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Level, fixed


@augmentation("solarize")
class Solarize(ImageAugmentation):
    """Invert all values above a threshold: x becomes 1 - x."""

    threshold: Level = (0.5, 1.0)
    """Smallest value that is inverted: a number, or [low, high] to draw from."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Invert."""
        return solarized(samples, draws.uniform(*fixed(self.threshold)))


def solarized(images: Array, threshold: Array) -> Array:
    """Images with values from (n,) thresholds on inverted, in place."""
    return np.subtract(1.0, images, out=images, where=images >= per_image(threshold))
