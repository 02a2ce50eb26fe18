"""Noisy images."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import clip, per_image
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Amount, from_zero


@augmentation("noise")
class Noise(ImageAugmentation):
    """Add Gaussian noise to every value, and clip to 0 and 1."""

    deviation: Amount = 0.05
    """Standard deviation: a number d for 0 to d, or [low, high], drawn for each image."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Add it."""
        deviation = per_image(draws.uniform(*from_zero(self.deviation)))
        samples += deviation * draws.normal(samples.shape[1:])
        return clip(samples)
