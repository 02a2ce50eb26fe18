"""What changes of pixels share; images are (n, height, width, channels), values 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from dlrun.arrays import Array

LUMA = np.array((0.299, 0.587, 0.114))
"""Shares of red, green and blue in the brightness of a pixel (ITU-R BT.601)."""


_PART = 1 << 16
"""Values of a part: 256 KiB.  Fresh memory of a whole batch costs more than the work on it."""


def parts(images: Array) -> Iterator[slice]:
    """Some images at a time, as many as the shape of one says."""
    rows = max(1, _PART // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), rows):
        yield slice(start, start + rows)


def per_image(values: Array) -> Array:
    """(n,) numbers as (n, 1, 1, 1) float32."""
    return values.astype(np.float32)[:, None, None, None]


def grey(images: Array) -> Array:
    """Brightness, (n, height, width, 1); of one channel the image itself."""
    if images.shape[-1] == 1:
        return images
    found: Array = LUMA[0].astype(np.float32) * images[..., :1]
    for channel in (1, 2):
        found += LUMA[channel].astype(np.float32) * images[..., channel : channel + 1]
    return found


def blend(images: Array, other: Array, factor: Array) -> Array:
    """other + factor (images - other), cut off at 0 and 1; written into ``images``.

    Args:
        images: overwritten.
        other: of the same shape, or of fewer numbers that are repeated.
        factor: (n,); 1 leaves images as they are, 0 makes them the other, 2 is twice as far off.
    """
    images -= other
    images *= per_image(factor)
    images += other
    return clip(images)


def clip(images: Array) -> Array:
    """Cut off at 0 and 1, in place."""
    return np.clip(images, 0.0, 1.0, out=images)


def levels(images: Array) -> Array:
    """The nearest of 256 grey levels, as integers; values beyond 0 to 1 are cut off."""
    return (np.clip(images, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.int64)
