"""Arrays that start on a cache line."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

ALIGNMENT = 64
"""Bytes of a cache line and of the widest vector register; arrays start at multiples of it."""


def aligned_zeros(size: int, dtype: str) -> Array:
    """``size`` zeros that start at a multiple of the alignment."""
    itemsize = np.dtype(dtype).itemsize
    raw = np.zeros(size * itemsize + ALIGNMENT, dtype=np.uint8)
    skip = -raw.ctypes.data % ALIGNMENT
    return raw[skip : skip + size * itemsize].view(dtype)
