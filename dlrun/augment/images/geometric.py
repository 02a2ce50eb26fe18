"""What moves the pixels of images: one matrix an image says where each pixel comes from."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import parts
from dlrun.augment.kernels import Kernels

Fill = Annotated[float, Field(ge=0.0, le=1.0)] | Literal["edge", "reflect"]

_BORDERS = {"edge": 1, "reflect": 2}


class Geometric(ImageAugmentation):
    """The root of those that draw an image anew from moved places, by bilinear interpolation."""

    common: ClassVar = True

    fill: Fill = 0.0
    """What lies beyond the border: a value, 0 to 1; ``edge``, the nearest pixel; or ``reflect``,
    the image mirrored there."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """Where pixels come from, (n, 3, 3) float64, for images of a size.

        The matrix takes (x, y, 1), a pixel of the new image, to (s x', s y', s) with the place
        (x', y') in the old one.  x counts columns and y rows, from 0, and whole numbers are the
        centres of pixels.
        """
        raise NotImplementedError

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Draw all images anew."""
        return redraw(samples, self.inverse(draws, *samples.shape[1:3]), self.fill, kernels)


def redraw(images: Array, inverse: Array, fill: Fill, kernels: Kernels) -> Array:
    """Draw images anew, in place; where the matrix is the identity they are what they were.

    Args:
        images: (n, height, width, channels) float32, overwritten.
        inverse: (n, 3, 3), where each pixel comes from.
        fill: what lies beyond the border.
        kernels: do it.
    """
    border, value = (_BORDERS[fill], 0.0) if isinstance(fill, str) else (0, fill)
    for part in parts(images):
        kernels.resample(images[part].copy(), inverse[part], border, value, images[part])
    return images


def about_centre(linear: Array, height: int, width: int) -> Array:
    """Maps that leave the centre where it is, (n, 3, 3), from their linear parts, (n, 2, 2)."""
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    found = np.tile(np.eye(3), (len(linear), 1, 1))
    found[:, :2, :2] = linear
    found[:, :2, 2] = centre - linear @ centre
    return found


def shift(x: Array, y: Array) -> Array:
    """Maps that take (x', y') from (x' + x, y' + y), (n, 3, 3), for (n,) pixels."""
    found = np.tile(np.eye(3), (len(x), 1, 1))
    found[:, 0, 2], found[:, 1, 2] = x, y
    return found
