"""Types of fields that say from where to where an augmentation draws."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field

from dlrun.spec.fields import NonNegative, Positive

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
"""0 for never, 1 for always."""

Bounds = tuple[float, float]
"""From the first to the second."""


V = TypeVar("V", bound=float | Bounds)


def ascending(value: V) -> V:
    """Check that bounds are in order.

    Raises:
        ValueError: they are not.
    """
    if isinstance(value, tuple) and value[0] > value[1]:
        raise ValueError("must be [low, high], the lower first")
    return value


Span = Annotated[NonNegative | tuple[float, float], AfterValidator(ascending)]
"""A number d for -d to d, or [low, high]."""

Amount = Annotated[NonNegative | tuple[NonNegative, NonNegative], AfterValidator(ascending)]
"""A number d for 0 to d, or [low, high]."""

Part = Annotated[float, Field(ge=0.0, le=1.0)]

Level = Annotated[Part | tuple[Part, Part], AfterValidator(ascending)]
"""A number, or [low, high] to draw from, all of 0 to 1."""

Factor = Annotated[Part | tuple[NonNegative, NonNegative], AfterValidator(ascending)]
"""A number d, 0 to 1, for factors of 1 - d to 1 + d, or [low, high]."""

Scale = Annotated[
    Annotated[float, Field(ge=0.0, lt=1.0)] | tuple[Positive, Positive],
    AfterValidator(ascending),
]
"""A number d below 1 for factors of 1 - d to 1 + d, or [low, high], all above 0."""


def around_zero(value: float | Bounds) -> Bounds:
    """Both ends of a Span."""
    return value if isinstance(value, tuple) else (-value, value)


def from_zero(value: float | Bounds) -> Bounds:
    """Both ends of an Amount."""
    return value if isinstance(value, tuple) else (0.0, value)


def around_one(value: float | Bounds) -> Bounds:
    """Both ends of a Factor or a Scale."""
    return value if isinstance(value, tuple) else (1.0 - value, 1.0 + value)


def fixed(value: float | Bounds) -> Bounds:
    """Both ends of a Level."""
    return value if isinstance(value, tuple) else (value, value)
