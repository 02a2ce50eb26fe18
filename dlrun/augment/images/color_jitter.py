"""Other light, contrast and colours."""

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
"""From red, green and blue to brightness and two numbers for the colour (FCC 1953)."""


@augmentation("color_jitter")
class ColorJitter(ImageAugmentation):
    """Change brightness, then hue, saturation and contrast.

    All of it is one linear map of the colours of a pixel, and values are cut off at 0 and 1 once,
    behind it.  Images of one channel have no colour, only brightness and contrast.
    """

    brightness: Factor = 0.2
    """What values are multiplied by: a number d for 1 - d to 1 + d, or [low, high]."""
    contrast: Factor = 0.2
    """What distances from the mean brightness of the image are multiplied by, likewise."""
    saturation: Factor = 0.2
    """What distances of a pixel's colours from its grey are multiplied by, likewise."""
    hue: Annotated[float, Field(ge=0.0, le=0.5)] = 0.02
    """How far colours go round the colour wheel either way, in turns; in YIQ, about its axis."""

    def check(self, sample: Shape, task: Task) -> None:
        """Grey or coloured images."""
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
    """Images of one channel, in place: see ``ColorJitter``."""
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
    """Maps of (red, green, blue) that turn the hue: (n,) turns to (n, 3, 3)."""
    cos, sin = np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)
    rotation = np.tile(np.eye(3), (len(turn), 1, 1))
    rotation[:, 1, 1] = rotation[:, 2, 2] = cos
    rotation[:, 1, 2], rotation[:, 2, 1] = -sin, sin
    # In this order a turn of 0 is the identity to the last bits of float64, which float32 drops.
    return np.asarray(np.linalg.inv(_YIQ) @ rotation @ _YIQ)


def colored(images: Array, linear: Array, contrast: Array) -> Array:
    """Images of three channels, in place.

    Args:
        images: (n, height, width, 3).
        linear: (n, 3, 3), maps of a pixel's colours.
        contrast: (n,), factors on distances from the mean brightness behind the map.
    """
    pixels = images.reshape(len(images), -1, 3)
    # As a product the mean takes an eighth of the time that NumPy's sums of three take.
    mean = (np.full((1, pixels.shape[1]), 1 / pixels.shape[1], np.float32) @ pixels)[:, 0]
    level = ((LUMA @ linear) * mean).sum(axis=1)
    offset = ((1.0 - contrast) * level).astype(np.float32)[:, None, None]
    maps = (contrast[:, None, None] * linear).astype(np.float32).transpose(0, 2, 1)
    for part in parts(images):
        np.add(pixels[part] @ maps[part], offset[part], out=pixels[part])
    return clip(images)
