"""Random boxes in images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.draws import Draws


def boxes(draws: Draws, across: Array, down: Array, height: int, width: int) -> Array:
    """The pixels of one random box per image, (n, height, width, 1) bool.

    The centre of a box can be any pixel, so the box can extend beyond the border.

    Args:
        draws: for the centre.
        across: (n,) widths in pixels, which are rounded.
        down: (n,) heights.
        height: of the images.
        width: of the images.
    """
    columns = _inside(draws, across, width)
    rows = _inside(draws, down, height)
    return rows[:, :, None, None] & columns[:, None, :, None]


def _inside(draws: Draws, lengths: Array, of: int) -> Array:
    """The positions on an axis inside an interval of rounded length, (n, of) bool."""
    lengths = np.rint(lengths).astype(np.int64)
    start = draws.integers(of) - lengths // 2
    places = np.arange(of)
    return np.asarray((places >= start[:, None]) & (places < (start + lengths)[:, None]))
