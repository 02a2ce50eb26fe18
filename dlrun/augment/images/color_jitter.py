"""Random changes of brightness, hue, saturation and contrast."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation, need_channels
from dlrun.augment.images.pixels import LUMA, clip, parts, per_image
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Factor, around_one

_YIQ = np.array(((0.299, 0.587, 0.114), (0.5959, -0.2746, -0.3213), (0.2115, -0.5227, 0.3112)))
"""Red, green and blue to brightness and two colour values (FCC 1953)."""


@augmentation("color_jitter")
class ColorJitter(ImageAugmentation):
    """Change brightness, hue, saturation and contrast, in this order.

    They are one linear map of a pixel's colours, and values are clipped to 0 and 1 once, after it.
    Images with one channel only have brightness and contrast.
    """

    brightness: Factor = 0.2
    """Factor on all values: a number d for 1 - d to 1 + d, or [low, high]."""
    contrast: Factor = 0.2
    """Factor on the differences from the image's mean brightness: d or [low, high], as above."""
    saturation: Factor = 0.2
    """Factor on the differences of a pixel's colours from its grey: d or [low, high], as above."""
    hue: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    """Maximum rotation of hues, in either direction, as a fraction of the colour wheel; in YIQ."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images with 1 or 3 channels."""
        need_channels(self.kind, sample)

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Apply the linear map of each image."""
        brightness, contrast, saturation = (
            draws.uniform(*around_one(each))
            for each in (self.brightness, self.contrast, self.saturation)
        )
        turn = draws.uniform(-self.hue, self.hue)
        if samples.shape[-1] == 1:
            return adjusted(samples, brightness, contrast)
        linear = saturated(saturation) @ turned(turn) * brightness[:, None, None]
        return colored(samples, linear, contrast)


def adjusted(images: Array, brightness: Array, contrast: Array) -> Array:
    """Images with one channel, in place: see ``ColorJitter``."""
    mean = images.mean(axis=(1, 2, 3), dtype=np.float64)
    images *= per_image(brightness * contrast)
    images += per_image((1.0 - contrast) * brightness * mean)
    return clip(images)


def saturated(factor: Array) -> Array:
    """Maps of (red, green, blue) that change the saturation: (n,) to (n, 3, 3)."""
    grey = np.tile(LUMA, (3, 1))
    factors = factor[:, None, None]
    return np.asarray(grey + factors * (np.eye(3) - grey))


def turned(turn: Array) -> Array:
    """Maps of (red, green, blue) that rotate the hue: (n,) turns to (n, 3, 3)."""
    cos, sin = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
    rotation = np.tile(np.eye(3), (len(turn), 1, 1))
    rotation[:, 1, 1] = rotation[:, 2, 2] = cos
    rotation[:, 1, 2], rotation[:, 2, 1] = -sin, sin
    # In this order a turn of 0 is the identity except for the last bits of float64, which float32
    # drops.
    return np.asarray(np.linalg.inv(_YIQ) @ rotation @ _YIQ)


def colored(images: Array, linear: Array, contrast: Array) -> Array:
    """Images with three channels, in place.

    Args:
        images: (n, height, width, 3).
        linear: (n, 3, 3), maps of a pixel's colours.
        contrast: (n,), factors on the differences from the mean brightness after the map.
    """
    pixels = images.reshape(len(images), -1, 3)
    # As a matrix multiplication the mean takes an eighth of the time of NumPy's sums of three.
    mean = (np.full((1, pixels.shape[1]), 1 / pixels.shape[1], np.float32) @ pixels)[:, 0]
    level = ((LUMA @ linear) * mean).sum(axis=1)
    offset = ((1.0 - contrast) * level).astype(np.float32)[:, None, None]
    maps = (contrast[:, None, None] * linear).astype(np.float32).transpose(0, 2, 1)
    for part in parts(images):
        np.add(pixels[part] @ maps[part], offset[part], out=pixels[part])
    return clip(images)
