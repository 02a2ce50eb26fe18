"""Sharpened images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import blend
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Factor, around_one


@augmentation("sharpen")
class Sharpen(ImageAugmentation):
    """Sharpen or blur edges: blend images with a smoothed copy.

    The smoothing filter weights a pixel 5/13 and each of its eight neighbours 1/13; border pixels
    stay unchanged.
    """

    factor: Factor = (1.0, 2.0)
    """1 keeps images unchanged, 0 smooths them, above 1 sharpens: [low, high], or a number d for 1
    - d to 1 + d."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Blend."""
        return sharpened(samples, draws.uniform(*around_one(self.factor)))


def sharpened(images: Array, factor: Array) -> Array:
    """Images blended with a smoothed copy, in place, by (n,) factors."""
    smooth = images.copy()
    height, width = images.shape[1:3]
    if height > 2 and width > 2:
        rows = images[:, :-2] + images[:, 1:-1] + images[:, 2:]
        inner = rows[:, :, :-2] + rows[:, :, 1:-1] + rows[:, :, 2:]
        inner += 4 * images[:, 1:-1, 1:-1]
        np.multiply(inner, np.float32(1 / 13), out=smooth[:, 1:-1, 1:-1])
    return blend(images, smooth, factor)
