"""Histogram equalization."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import levels
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Probability


@augmentation("equalize")
class Equalize(ImageAugmentation):
    """Histogram equalization: use 256 levels of each channel as equally as possible.

    A level becomes the fraction of pixels below it.  If fewer than 255 pixels of a channel are
    below its brightest level, as in very small images, the channel is not changed.
    """

    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Equalize."""
        return equalized(samples)


def equalized(images: Array) -> Array:
    """Images with equalized histograms, a new array."""
    n, channels = len(images), images.shape[-1]
    planes = levels(images).transpose(0, 3, 1, 2).reshape(n * channels, -1)
    offsets = 256 * np.arange(n * channels)[:, None]
    counts: Array = np.bincount((planes + offsets).ravel(), minlength=256 * n * channels)
    counts = counts.reshape(n * channels, 256)
    brightest = 255 - (counts[:, ::-1] > 0).argmax(axis=1)
    last = np.take_along_axis(counts, brightest[:, None], axis=1)
    step = (planes.shape[1] - last) // 255
    below = np.cumsum(counts, axis=1) - counts
    table = np.minimum((below + step // 2) // np.maximum(step, 1), 255) / 255
    found = np.take_along_axis(table, planes, axis=1).astype(np.float32)
    found = found.reshape(n, channels, *images.shape[1:3]).transpose(0, 2, 3, 1)
    # With fewer pixels below the brightest level than levels, nothing can be spread.
    return np.where((step > 0).reshape(n, 1, 1, channels), found, images)
