"""Dropout whose mask is a function of a key and of each element's index alone."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def drop(x: Array, y: Array, key: int, first: int, share: float) -> None:
    """y = x / share with probability ``share``, 0 otherwise.

    Element i gets 32 random bits by mixing its index ``first + i`` with both halves of ``key``
    through two rounds of the integer hash "lowbias32" (Wellons, "Prospecting for hash functions",
    2018).  So a mask does not depend on how the batch is cut, and backward is the same function
    with the same key: no mask is kept.

    Args:
        x: flat.
        y: flat, written.
        key: 64 bits, of the run's seed, epoch, step and layer.
        first: the index of the first element in the whole batch.
        share: probability with which an element is kept, above 0.
    """
    index = np.arange(first, first + x.size, dtype=np.uint64).astype(np.uint32)
    bits = _mix(index ^ np.uint32(key & 0xFFFF_FFFF))
    bits = _mix(bits ^ np.uint32(key >> 32))
    kept = bits <= np.uint32(threshold(share))
    np.multiply(x, x.dtype.type(1.0 / share), out=y)
    np.multiply(y, kept, out=y)


def threshold(share: float) -> int:
    """The largest of 2^32 equally likely numbers for which an element is kept."""
    return round(share * 2.0**32) - 1


def _mix(bits: Array) -> Array:
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB_352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846C_A68B)
    mixed: Array = bits ^ (bits >> np.uint32(16))
    return mixed
