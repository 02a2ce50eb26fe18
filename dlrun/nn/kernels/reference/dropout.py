"""Dropout whose mask is a function of a key and each element's index alone."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def keep(key: int, first: int, share: float, mask: Array) -> None:
    """Write 1 with probability ``share`` and 0 otherwise.

    Element i gets 32 random bits by mixing its index ``first + i`` with both halves of ``key``
    through two rounds of the integer hash "lowbias32" (Wellons, "Prospecting for hash functions",
    2018), so a mask does not depend on how the batch is cut.

    Args:
        key: 64 bits, of the run's seed, epoch, step and layer.
        first: the index of the first element in the whole batch.
        share: probability of 1.
        mask: uint8, of any shape, written.
    """
    index = np.arange(first, first + mask.size, dtype=np.uint64).astype(np.uint32)
    bits = _mix(index ^ np.uint32(key & 0xFFFF_FFFF))
    bits = _mix(bits ^ np.uint32(key >> 32))
    mask.reshape(-1)[...] = bits < np.uint32(min(share * 2.0**32, 2.0**32 - 1))


def _mix(bits: Array) -> Array:
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB_352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846C_A68B)
    mixed: Array = bits ^ (bits >> np.uint32(16))
    return mixed


def scale_kept(x: Array, mask: Array, factor: float, y: Array) -> None:
    """y = x factor where the mask is 1, 0 elsewhere."""
    np.multiply(x, factor, out=y)
    np.multiply(y, mask, out=y)
