"""Dropout: see ``reference.dropout``; the masks are bit-identical.

Noise still uses NumPy, which has vectorized logarithms and cosines.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.dropout import add_noise, threshold

__all__ = ["add_noise", "drop"]


def drop(x: Array, y: Array, key: int, first: int, share: float) -> None:
    """y = x / share with probability ``share``, 0 otherwise."""
    low, high = np.uint32(key & 0xFFFF_FFFF), np.uint32(key >> 32)
    _drop(x, y, low, high, np.uint32(first & 0xFFFF_FFFF), np.uint32(threshold(share)), 1.0 / share)


@kernel
def _drop(
    x: Array,
    y: Array,
    low: np.uint32,
    high: np.uint32,
    first: np.uint32,
    most: np.uint32,
    factor: float,
) -> None:
    zero, scale = x.dtype.type(0), x.dtype.type(factor)
    for i in range(x.size):
        bits = np.uint32(first + np.uint32(i)) ^ low
        bits = _mix(bits) ^ high
        y[i] = x[i] * scale if _mix(bits) <= most else zero


@kernel
def _mix(bits: np.uint32) -> np.uint32:
    bits = np.uint32((bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB352D))
    bits = np.uint32((bits ^ (bits >> np.uint32(15))) * np.uint32(0x846CA68B))
    return np.uint32(bits ^ (bits >> np.uint32(16)))
