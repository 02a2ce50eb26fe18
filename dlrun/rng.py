"""Randomness as a pure function of (seed, stream, counters).

No generator state is carried from one draw to the next, so none has to be saved, and a run that is
resumed at step n draws the same numbers as an uninterrupted one.  Every stream is independent of
every other: adding a dropout layer does not change any initial weight.

Two forms:

* ``generator`` gives a NumPy Generator over Philox, a counter-based generator (Salmon et al.,
  "Parallel random numbers: as easy as 1, 2, 3", SC 2011), for draws of a whole array.
* ``key`` gives 64 bits for kernels that compute each element's random number from its own index
  (dropout), whatever chunk or thread it is computed in; ``keys`` gives those of many at once.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MASK = 0xFFFF_FFFF_FFFF_FFFF


class Stream(IntEnum):
    """What a draw is used for. The values affect every result: never change one."""

    SPLIT = 1
    INIT = 2
    ORDER = 3
    AUGMENT = 4
    DROPOUT = 5
    SAMPLER = 6
    DATA = 7
    BUCKETS = 8
    CURVES = 9
    POPULATION = 10
    POWER = 11


def generator(seed: int, stream: Stream, a: int = 0, b: int = 0, c: int = 0) -> np.random.Generator:
    """A generator that depends only on its arguments.

    Args:
        seed: the run's seed, 0 to 2**64 - 1.
        stream: what the numbers are used for.
        a: first counter (the epoch, or a parameter's index), 0 to 2**64 - 1.
        b: second counter (the step).
        c: third counter (the layer or the sample).
    """
    # Philox has a key of two words and a counter of four. The draws themselves count in the lowest
    # word; we set the other three, so two streams can never overlap.
    key = np.array([seed, stream], dtype=np.uint64)
    counter = np.array([0, a, b, c], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=key, counter=counter))


def key(seed: int, stream: Stream, a: int = 0, b: int = 0, c: int = 0) -> int:
    """64 well-mixed bits that depend only on the arguments; see ``generator`` for them."""
    state = 0
    for word in (seed, stream, a, b, c):
        state = mix(state ^ (word & _MASK))
    return state


def keys(
    seed: int, stream: Stream, a: int, b: int, c: NDArray[np.integer[Any]]
) -> NDArray[np.uint64]:
    """``key`` for each of many third counters, (n,) integers of at least 0: (n,) uint64."""
    state = 0
    for word in (seed, stream, a, b):
        state = mix(state ^ (word & _MASK))
    return mixed(np.uint64(state) ^ c.astype(np.uint64))


def mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mixes each of several 64-bit words separately; the SplitMix64 step of ``mix``."""
    state = bits + np.uint64(0x9E37_79B9_7F4A_7C15)  # arrays wrap around without a warning
    state ^= state >> np.uint64(30)
    state *= np.uint64(0xBF58_476D_1CE4_E5B9)
    state ^= state >> np.uint64(27)
    state *= np.uint64(0x94D0_49BB_1331_11EB)
    state ^= state >> np.uint64(31)
    return state


def mix(state: int) -> int:
    """Mixes 64 bits: one step of SplitMix64 (Steele, Lea & Flood, OOPSLA 2014)."""
    state = (state + 0x9E37_79B9_7F4A_7C15) & _MASK
    state = ((state ^ (state >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    state = ((state ^ (state >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return state ^ (state >> 31)
