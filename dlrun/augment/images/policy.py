"""Operations of one strength for policies that choose among them at random."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.draws import Draws
from dlrun.augment.images.color_jitter import adjusted, colored, saturated
from dlrun.augment.images.equalize import equalized
from dlrun.augment.images.geometric import Fill, redraw, shift
from dlrun.augment.images.pixels import clip, per_image
from dlrun.augment.images.posterize import posterized
from dlrun.augment.images.rotate import rotation
from dlrun.augment.images.sharpen import sharpened
from dlrun.augment.images.shear import slant
from dlrun.augment.images.solarize import solarized
from dlrun.augment.kernels import Kernels

LEVELS = 30
"""The greatest magnitude; 0 is the least."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """What operations do at the greatest magnitude.

    Attributes:
        degrees: of a turn.
        slope: of a slant, in pixels a pixel.
        distance: of a move, as a part of height or width.
        factor: by which light, contrast, colour and edges differ from 1.
        bits: that posterizing drops.
    """

    degrees: float
    slope: float
    distance: float
    factor: float
    bits: int


Operation = Callable[[Array, Array, Strengths, Fill, Kernels], Array]
"""From images, which may be overwritten, and signed strengths, (n,) of -1 to 1, to images."""


def operate(
    images: Array,
    draws: Draws,
    magnitude: Array,
    strengths: Strengths,
    fill: Fill,
    kernels: Kernels,
) -> Array:
    """Change each image by one operation, drawn from all of them.

    Args:
        images: may be overwritten.
        draws: choose the operation and which way it goes.
        magnitude: (n,), 0 to ``LEVELS``.
        strengths: what the greatest is.
        fill: what lies beyond the border of images that are moved.
        kernels: fast loops.
    """
    operations = _COLORED if images.shape[-1] == 3 else _GREY
    chosen = draws.integers(len(operations))
    strength = np.where(draws.chance(0.5), magnitude, -magnitude) / LEVELS
    for number, operation in enumerate(operations):
        rows = np.flatnonzero(chosen == number)
        if len(rows):
            images[rows] = operation(images[rows], strength[rows], strengths, fill, kernels)
    return images


def _identity(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    return images


def _auto_contrast(
    images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels
) -> Array:
    """Spread each channel from its least and greatest value to 0 and 1."""
    low, high = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
    spread = high > low
    images -= np.where(spread, low, np.float32(0))
    images /= np.where(spread, high - low, np.float32(1))
    return images


def _equalize(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    return equalized(images)


def _rotate(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    return redraw(images, rotation(strength * most.degrees, *images.shape[1:3]), fill, loops)


def _solarize(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    return solarized(images, 1.0 - np.abs(strength))


def _posterize(
    images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels
) -> Array:
    return posterized(images, 8 - np.rint(np.abs(strength) * most.bits).astype(np.int64))


def _color(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    factor = 1.0 + strength * most.factor
    return colored(images, saturated(factor), np.ones(len(images)))


def _contrast(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    factor = 1.0 + strength * most.factor
    if images.shape[-1] == 3:
        return colored(images, np.tile(np.eye(3), (len(images), 1, 1)), factor)
    return adjusted(images, np.ones(len(images)), factor)


def _brightness(
    images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels
) -> Array:
    images *= per_image(1.0 + strength * most.factor)
    return clip(images)


def _sharpness(
    images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels
) -> Array:
    return sharpened(images, 1.0 + strength * most.factor)


def _shear_x(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    inverse = slant(strength * most.slope, "horizontal", *images.shape[1:3])
    return redraw(images, inverse, fill, loops)


def _shear_y(images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels) -> Array:
    inverse = slant(strength * most.slope, "vertical", *images.shape[1:3])
    return redraw(images, inverse, fill, loops)


def _translate(
    axis: int, images: Array, strength: Array, most: Strengths, fill: Fill, loops: Kernels
) -> Array:
    pixels = np.rint(strength * most.distance * images.shape[axis])
    still = np.zeros(len(images))
    inverse = shift(pixels, still) if axis == 2 else shift(still, pixels)
    return redraw(images, inverse, fill, loops)


_GREY: Sequence[Operation] = (
    _identity,
    _auto_contrast,
    _equalize,
    _rotate,
    _solarize,
    _posterize,
    _contrast,
    _brightness,
    _sharpness,
    _shear_x,
    _shear_y,
    partial(_translate, 2),
    partial(_translate, 1),
)
_COLORED: Sequence[Operation] = (*_GREY, _color)
