"""Shared functions of pixels; images are (n, height, width, channels), values 0 to 1."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from dlrun.arrays import Array

LUMA = np.array((0.299, 0.587, 0.114))
"""Weights of red, green and blue in the brightness of a pixel (ITU-R BT.601)."""


_PART = 1 << 16
"""Values per part: 256 KiB.  Allocating memory for a whole batch costs more than the work on it."""


def parts(images: Array) -> Iterator[slice]:
    """Slices of some images at a time, of a size that fits the cache."""
    rows = max(1, _PART // max(1, math.prod(images.shape[1:])))
    for start in range(0, len(images), rows):
        yield slice(start, start + rows)


def per_image(values: Array) -> Array:
    """(n,) values as (n, 1, 1, 1) float32."""
    return values.astype(np.float32)[:, None, None, None]


def grey(images: Array) -> Array:
    """Brightness, (n, height, width, 1); with one channel the image itself."""
    if images.shape[-1] == 1:
        return images
    found: Array = LUMA[0].astype(np.float32) * images[..., :1]
    for channel in (1, 2):
        found += LUMA[channel].astype(np.float32) * images[..., channel : channel + 1]
    return found


def blend(images: Array, other: Array, factor: Array) -> Array:
    """other + factor (images - other), clipped to 0 and 1; written to ``images``.

    Args:
        images: overwritten.
        other: of the same shape, or one that broadcasts to it.
        factor: (n,); 1 keeps the images, 0 replaces them by ``other``, 2 doubles the difference.
    """
    images -= other
    images *= per_image(factor)
    images += other
    return clip(images)


def clip(images: Array) -> Array:
    """Clip to 0 and 1, in place."""
    return np.clip(images, 0.0, 1.0, out=images)


def levels(images: Array) -> Array:
    """The nearest of 256 grey levels, as integers; values outside 0 to 1 are clipped."""
    return (np.clip(images, 0.0, 1.0) * np.float32(255) + np.float32(0.5)).astype(np.int64)
