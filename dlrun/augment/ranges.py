"""Field types for the ranges from which augmentations draw."""

from __future__ import annotations

import math
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from dlrun.spec.fields import NonNegative, Positive

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
"""0 for never, 1 for always."""

Bounds = tuple[float, float]
"""The lower and the upper bound."""


V = TypeVar("V", bound=float | Bounds)


def ascending(value: V) -> V:
    """Check that bounds are in order.

    Raises:
        ValueError: they are not.
    """
    if isinstance(value, tuple) and value[0] > value[1]:
        raise ValueError("must be [low, high], the lower first")
    return value


SymmetricRange = Annotated[NonNegative | tuple[float, float], AfterValidator(ascending)]
"""A number d for -d to d, or [low, high]."""

Amount = Annotated[NonNegative | tuple[NonNegative, NonNegative], AfterValidator(ascending)]
"""A number d for 0 to d, or [low, high]."""

Proportion = Annotated[float, Field(ge=0.0, le=1.0)]

Level = Annotated[Proportion | tuple[Proportion, Proportion], AfterValidator(ascending)]
"""A number, or [low, high] to draw from, all from 0 to 1."""

Factor = Annotated[Proportion | tuple[NonNegative, NonNegative], AfterValidator(ascending)]
"""A number d, 0 to 1, for factors of 1 - d to 1 + d, or [low, high]."""

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
        raise ValueError(f"must be between 1/{highest:g} and {highest:g}")
    return value


ScaleFactor = Annotated[
    Annotated[float, Field(ge=0.0, lt=1.0)] | tuple[Positive, Positive],
    AfterValidator(ascending),
]
"""A number d below 1 for factors of 1 - d to 1 + d, or [low, high], all above 0."""


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


def around_zero(value: float | Bounds) -> Bounds:
    """Both ends of a SymmetricRange."""
    return value if isinstance(value, tuple) else (-value, value)


def from_zero(value: float | Bounds) -> Bounds:
    """Both ends of an Amount."""
    return value if isinstance(value, tuple) else (0.0, value)


def around_one(value: float | Bounds) -> Bounds:
    """Both ends of a Factor or a ScaleFactor."""
    return value if isinstance(value, tuple) else (1.0 - value, 1.0 + value)


def fixed(value: float | Bounds) -> Bounds:
    """Both ends of a Level."""
    return value if isinstance(value, tuple) else (value, value)
