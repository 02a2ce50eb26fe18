"""Operations of a common magnitude, for policies that choose among them at random."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.images.color_jitter import adjusted, colored, saturated
from dlrun.augment.images.equalize import equalized
from dlrun.augment.images.geometric import Fill, redraw, redraw_targets, shift
from dlrun.augment.images.pixels import clip, per_image
from dlrun.augment.images.posterize import posterized
from dlrun.augment.images.rotate import rotation
from dlrun.augment.images.sharpen import sharpened
from dlrun.augment.images.shear import slant
from dlrun.augment.images.solarize import solarized
from dlrun.augment.kernels import Kernels

LEVELS = 30
"""The largest magnitude; 0 is the smallest."""


@dataclass(frozen=True, slots=True)
class Strengths:
    """The strength of each operation at the largest magnitude.

    Attributes:
        degrees: of a rotation.
        slope: of a shear, in pixels per pixel.
        distance: of a translation, as a fraction of height or width.
        factor: difference of brightness, contrast, saturation and sharpness factors from 1.
        bits: dropped by posterizing.
    """

    degrees: float
    slope: float
    distance: float
    factor: float
    bits: int


ValueChange = Callable[[Array, Array, Strengths], Array]
"""Maps images, which may be overwritten, and signed strengths, (n,) from -1 to 1, to images."""

Inverse = Callable[[Array, Strengths, int, int], Array]
"""Maps signed strengths, height and width to the old position of each pixel, (n, 3, 3)."""


@dataclass(frozen=True, slots=True)
class _Move:
    """An operation that moves pixels.

    Attributes:
        inverse: the old position of each pixel.
    """

    inverse: Inverse


def operate(
    images: Array,
    draws: Draws,
    magnitude: Array,
    strengths: Strengths,
    fill: Fill,
    kernels: Kernels,
) -> Array:
    """Change each image by one random operation.

    Args:
        images: may be overwritten.
        draws: choose the operation and its direction.
        magnitude: (n,), 0 to ``LEVELS``.
        strengths: at the largest magnitude.
        fill: beyond the border of images that are moved.
        kernels: fast loops.
    """
    height, width, channels = images.shape[1:]
    for operation, rows, strength in _drawn(draws, magnitude, channels):
        if isinstance(operation, _Move):
            inverse = operation.inverse(strength, strengths, height, width)
            images[rows] = redraw(images[rows], inverse, fill, kernels)
        else:
            images[rows] = operation(images[rows], strength, strengths)
    return images


def follow(
    targets: Array,
    draws: Draws,
    magnitude: Array,
    strengths: Strengths,
    fill: Fill,
    kernels: Kernels,
    following: Following,
) -> Array:
    """Move the targets of pixels, (n, height, width, k), like ``operate`` moves the images."""
    height, width, channels = following.sample
    for operation, rows, strength in _drawn(draws, magnitude, channels):
        if isinstance(operation, _Move):
            inverse = operation.inverse(strength, strengths, height, width)
            targets[rows] = redraw_targets(targets[rows], inverse, fill, kernels, following)
    return targets


def _drawn(
    draws: Draws, magnitude: Array, channels: int
) -> Iterator[tuple[ValueChange | _Move, Array, Array]]:
    """Each chosen operation, the rows that chose it, and its signed strength for each."""
    operations = _COLORED if channels == 3 else _GREY
    chosen = draws.integers(len(operations))
    strength = np.where(draws.chance(0.5), magnitude, -magnitude) / LEVELS
    for number, operation in enumerate(operations):
        rows = np.flatnonzero(chosen == number)
        if len(rows):
            yield operation, rows, strength[rows]


def _identity(images: Array, strength: Array, most: Strengths) -> Array:
    return images


def _auto_contrast(images: Array, strength: Array, most: Strengths) -> Array:
    """Stretch each channel so that its smallest and largest values become 0 and 1."""
    low, high = images.min(axis=(1, 2), keepdims=True), images.max(axis=(1, 2), keepdims=True)
    spread = high > low
    images -= np.where(spread, low, np.float32(0))
    images /= np.where(spread, high - low, np.float32(1))
    return images


def _equalize(images: Array, strength: Array, most: Strengths) -> Array:
    return equalized(images)


def _solarize(images: Array, strength: Array, most: Strengths) -> Array:
    return solarized(images, 1.0 - np.abs(strength))


def _posterize(images: Array, strength: Array, most: Strengths) -> Array:
    return posterized(images, 8 - np.rint(np.abs(strength) * most.bits).astype(np.int64))


def _color(images: Array, strength: Array, most: Strengths) -> Array:
    factor = 1.0 + strength * most.factor
    return colored(images, saturated(factor), np.ones(len(images)))


def _contrast(images: Array, strength: Array, most: Strengths) -> Array:
    factor = 1.0 + strength * most.factor
    if images.shape[-1] == 3:
        return colored(images, np.tile(np.eye(3), (len(images), 1, 1)), factor)
    return adjusted(images, np.ones(len(images)), factor)


def _brightness(images: Array, strength: Array, most: Strengths) -> Array:
    images *= per_image(1.0 + strength * most.factor)
    return clip(images)


def _sharpness(images: Array, strength: Array, most: Strengths) -> Array:
    return sharpened(images, 1.0 + strength * most.factor)


def _rotate(strength: Array, most: Strengths, height: int, width: int) -> Array:
    return rotation(strength * most.degrees, height, width)


def _shear_x(strength: Array, most: Strengths, height: int, width: int) -> Array:
    return slant(strength * most.slope, "horizontal", height, width)


def _shear_y(strength: Array, most: Strengths, height: int, width: int) -> Array:
    return slant(strength * most.slope, "vertical", height, width)


def _translate_x(strength: Array, most: Strengths, height: int, width: int) -> Array:
    return shift(np.rint(strength * most.distance * width), np.zeros(len(strength)))


def _translate_y(strength: Array, most: Strengths, height: int, width: int) -> Array:
    return shift(np.zeros(len(strength)), np.rint(strength * most.distance * height))


_GREY: Sequence[ValueChange | _Move] = (
    _identity,
    _auto_contrast,
    _equalize,
    _Move(_rotate),
    _solarize,
    _posterize,
    _contrast,
    _brightness,
    _sharpness,
    _Move(_shear_x),
    _Move(_shear_y),
    _Move(_translate_x),
    _Move(_translate_y),
)
_COLORED: Sequence[ValueChange | _Move] = (*_GREY, _color)
