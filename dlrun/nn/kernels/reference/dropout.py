"""Random numbers of layers, each a function of a key and of its element's index only."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array


def drop(x: Array, y: Array, key: int, first: int, share: float) -> None:
    """y = x / share with probability ``share``, 0 otherwise.

    Element i has the ``first + i``-th random number of the key.  So a mask does not depend on how
    the batch is cut, and backward is the same function with the same key: no mask is stored.

    Args:
        x: flat.
        y: flat, written.
        key: 64 bits, from the run's seed, epoch, step and layer.
        first: the index of the first element in the whole batch.
        share: probability with which an element is kept, above 0.
    """
    kept = _bits(first, x.size, key) <= np.uint32(threshold(share))
    np.multiply(x, x.dtype.type(1.0 / share), out=y)
    np.multiply(y, kept, out=y)


def threshold(share: float) -> int:
    """The largest of 2^32 equally likely numbers for which an element is kept."""
    return round(share * 2.0**32) - 1


def add_noise(x: Array, y: Array, key: int, first: int, std: float) -> None:
    """y = x + std n, n normal: Box & Muller, "A note on the generation of random normal deviates".

    Element i has the key's random numbers 2 (first + i) and 2 (first + i) + 1.

    Args:
        x: flat.
        y: flat, written.
        key: 64 bits, from the run's seed, epoch, step and layer.
        first: the index of the first element in the whole batch.
        std: standard deviation.
    """
    uniform = _bits(2 * first, 2 * x.size, key).astype(x.dtype)
    uniform += 1  # so that none is 0, whose logarithm is infinite
    uniform *= x.dtype.type(2.0**-32)
    radius = np.sqrt(np.log(uniform[::2]) * x.dtype.type(-2.0 * std * std))
    np.multiply(radius, np.cos(uniform[1::2] * x.dtype.type(2.0 * math.pi)), out=y)
    np.add(x, y, out=y)


def _bits(first: int, count: int, key: int) -> Array:
    """32 random bits for each of ``count`` consecutive indices.

    The index is mixed with both halves of the key through two rounds of the integer hash
    "lowbias32" (Wellons, "Prospecting for hash functions", 2018).
    """
    index = np.arange(first, first + count, dtype=np.uint64).astype(np.uint32)
    return _mix(_mix(index ^ np.uint32(key & 0xFFFF_FFFF)) ^ np.uint32(key >> 32))


def _mix(bits: Array) -> Array:
    bits = (bits ^ (bits >> np.uint32(16))) * np.uint32(0x7FEB_352D)
    bits = (bits ^ (bits >> np.uint32(15))) * np.uint32(0x846C_A68B)
    mixed: Array = bits ^ (bits >> np.uint32(16))
    return mixed
