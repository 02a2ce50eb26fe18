"""Field types for the ranges of speeds and pitches."""

from __future__ import annotations

import math
from typing import Annotated, TypeVar

from pydantic import AfterValidator

from dlrun.augment.ranges import Bounds, ScaleFactor, SymmetricRange, around_one

V = TypeVar("V", bound=float | Bounds)

SPEEDS = 1 / 64, 64.0
"""The slowest and the fastest speed of a waveform: six octaves, far more than can be recognized,
but what is computed grows with the factor."""


def playable(value: V) -> V:
    """Check that speed factors can be computed.

    Raises:
        ValueError: one is too small or too large.
    """
    lowest, highest = SPEEDS
    low, high = around_one(value)
    if not lowest <= low <= high <= highest:
        raise ValueError(
            f"speeds are {low:g} to {high:g} times the original and must be between 1/{highest:g} "
            f"and {highest:g}"
        )
    return value


SpeedFactor = Annotated[ScaleFactor, AfterValidator(playable)]
"""A ScaleFactor of the speed of a waveform."""


def audible(value: V) -> V:
    """Check that shifts in semitones are at most six octaves.

    Raises:
        ValueError: one is not.
    """
    most = 12 * math.log2(SPEEDS[1])
    if max(map(abs, value if isinstance(value, tuple) else (value,))) > most:
        raise ValueError(f"must be between -{most:g} and {most:g}")
    return value


Semitones = Annotated[SymmetricRange, AfterValidator(audible)]
"""A SymmetricRange of semitones."""
