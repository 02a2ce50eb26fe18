"""Blurred images."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Amount, from_zero

_REACH = 3.0
"""Standard deviations beyond which neighbours are ignored."""


@augmentation("blur")
class Blur(ImageAugmentation):
    """Blur images with a Gaussian filter; the border pixels are repeated outside."""

    sigma: Amount = 1.0
    """Standard deviation in pixels: a number d for 0 to d, or [low, high]."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Filter rows, then columns."""
        low, high = from_zero(self.sigma)
        sigma = np.maximum(draws.uniform(low, high), 1e-3)[:, None]
        reach = math.ceil(_REACH * high)
        weights = np.exp(-0.5 * np.square(np.arange(-reach, reach + 1) / sigma))
        weights = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        return _along(2, _along(1, samples, weights), weights)


def _along(axis: int, images: Array, weights: Array) -> Array:
    """Weighted sums of neighbours along an axis; weights are (n, 2 reach + 1)."""
    reach = weights.shape[1] // 2
    margins = [(reach, reach) if each == axis else (0, 0) for each in range(4)]
    padded = np.pad(images, margins, mode="edge")
    found, length = np.zeros_like(images), images.shape[axis]
    for number in range(2 * reach + 1):
        part = [slice(None)] * 4
        part[axis] = slice(number, number + length)
        found += weights[:, number, None, None, None] * padded[tuple(part)]
    return found
