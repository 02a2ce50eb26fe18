"""Boxes at random places of images."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.draws import Draws


def boxes(draws: Draws, across: Array, down: Array, height: int, width: int) -> Array:
    """Which pixels lie in a box, (n, height, width, 1) bool.

    The centre of a box is any pixel, so it may reach beyond the border.

    Args:
        draws: for the centre.
        across: (n,) width of each in pixels, which is rounded.
        down: (n,) height.
        height: of the images.
        width: of the images.
    """
    columns = _inside(draws, across, width)
    rows = _inside(draws, down, height)
    return rows[:, :, None, None] & columns[:, None, :, None]


def _inside(draws: Draws, lengths: Array, of: int) -> Array:
    """Places along an axis in an interval of rounded lengths, (n, of) bool."""
    lengths = np.rint(lengths).astype(np.int64)
    start = draws.integers(of) - lengths // 2
    places = np.arange(of)
    return np.asarray((places >= start[:, None]) & (places < (start + lengths)[:, None]))
