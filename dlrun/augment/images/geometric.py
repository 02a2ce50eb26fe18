"""Augmentations that move the pixels of images: one matrix per image maps new pixels to old."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.augmentation import Change, Setting
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following, first_class
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import parts
from dlrun.augment.kernels import Kernels

Fill = Annotated[float, Field(ge=0.0, le=1.0)] | Literal["edge", "reflect"]

_BORDERS = {"edge": 1, "reflect": 2}


class Geometric(ImageAugmentation):
    """Base class of augmentations that resample an image at moved positions, bilinearly."""

    common: ClassVar = True
    moves: ClassVar = True

    fill: Fill = 0.0
    """Fill beyond the border: a value, 0 to 1; ``edge``, the nearest pixel; or ``reflect``, the
    mirrored image.  With a value, targets of pixels beyond the border are the first class, or 0."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The old position of each new pixel, (n, 3, 3) float64, for images of a size.

        The matrix maps (x, y, 1), a pixel of the new image, to (s x', s y', s), with (x', y') the
        position in the old one.  x counts columns and y rows, from 0; integers are the centres of
        pixels.
        """
        raise NotImplementedError

    @property
    def fills(self) -> bool:
        """True, if the fill is a value."""
        return not isinstance(self.fill, str)

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Resample all images."""
        return redraw(samples, self.inverse(draws, *samples.shape[1:3]), self.fill, kernels)

    def follow(self, setting: Setting, following: Following) -> Change:
        """Resample the targets of pixels."""

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            inverse = self.inverse(draws, *targets.shape[1:3])
            return redraw_targets(targets, inverse, self.fill, kernels, following)

        return moved


def redraw(images: Array, inverse: Array, fill: Fill, kernels: Kernels) -> Array:
    """Resample images, in place; if the matrix is the identity they stay unchanged.

    Args:
        images: (n, height, width, channels) float32, overwritten.
        inverse: (n, 3, 3), the old position of each pixel.
        fill: beyond the border.
        kernels: fast loops.
    """
    border, value = (_BORDERS[fill], 0.0) if isinstance(fill, str) else (0, fill)
    for part in parts(images):
        kernels.resample(images[part].copy(), inverse[part], border, value, images[part])
    return images


def redraw_targets(
    targets: Array, inverse: Array, fill: Fill, kernels: Kernels, following: Following
) -> Array:
    """Resample targets of pixels like ``redraw`` resamples the images.

    Args:
        targets: (n, height, width, k), may be overwritten.
        inverse: (n, 3, 3), the old position of each pixel.
        fill: beyond the border of the images.
        kernels: fast loops.
        following: classes are those of the nearest pixel; beyond a border filled with a value they
            are the first class, or 0.
    """
    match following.kind:
        case "input":
            return redraw(targets, inverse, fill, kernels)
        case "numbers":
            return redraw(targets, inverse, fill if isinstance(fill, str) else 0.0, kernels)
        case "classes":
            return _nearest(targets, inverse, _BORDERS[fill] if isinstance(fill, str) else 0)


_FAR = 1e6
"""Pixels from the origin beyond which positions are clipped."""


def _nearest(targets: Array, inverse: Array, border: int) -> Array:
    """(n, height, width, k) from the nearest pixels; borders as in ``resample``."""
    height, width = targets.shape[1:3]
    found, outside = np.empty_like(targets), first_class(targets)
    grid = np.stack((*np.meshgrid(np.arange(width), np.arange(height)), np.ones((height, width))))
    for part in parts(targets):
        u, v, scale = np.moveaxis(np.einsum("nij,jyx->niyx", inverse[part], grid), 1, 0)
        with np.errstate(all="ignore"):  # the horizon of a perspective may cross the image
            nearest = (np.floor(np.nan_to_num(at / scale, nan=_FAR) + 0.5) for at in (u, v))
            column, row = (np.clip(at, -_FAR, _FAR).astype(np.int64) for at in nearest)
        image = np.arange(len(column))[:, None, None]
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        taken = targets[part][image, _within(row, height, border), _within(column, width, border)]
        found[part] = taken if border else np.where(inside[..., None], taken, outside)
    return found


def _within(place: Array, length: int, border: int) -> Array:
    """Rows or columns inside the image for ones that may be outside."""
    if border == _BORDERS["reflect"] and length > 1:
        place = place % (2 * (length - 1))
        place = np.minimum(place, 2 * (length - 1) - place)
    return np.clip(place, 0, length - 1)


def about_centre(linear: Array, height: int, width: int) -> Array:
    """Maps that keep the centre fixed, (n, 3, 3), from their linear parts, (n, 2, 2)."""
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
