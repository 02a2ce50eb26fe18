"""Field types for the ranges from which augmentations draw."""

from __future__ import annotations

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


def within(lowest: float, highest: float) -> AfterValidator:
    """A check that a number, or both ends of a range, can be computed with 32-bit floats."""

    def check(value: V) -> V:
        low, high = value if isinstance(value, tuple) else (value, value)
        if not lowest <= low <= high <= highest:
            raise ValueError(f"must be between {lowest:g} and {highest:g}")
        return value

    return AfterValidator(check)


SymmetricRange = Annotated[NonNegative | tuple[float, float], AfterValidator(ascending)]
"""A number d for -d to d, or [low, high]."""

Amount = Annotated[NonNegative | tuple[NonNegative, NonNegative], AfterValidator(ascending)]
"""A number d for 0 to d, or [low, high]."""

Proportion = Annotated[float, Field(ge=0.0, le=1.0)]

Level = Annotated[Proportion | tuple[Proportion, Proportion], AfterValidator(ascending)]
"""A number, or [low, high] to draw from, all from 0 to 1."""

Factor = Annotated[Proportion | tuple[NonNegative, NonNegative], AfterValidator(ascending)]
"""A number d, 0 to 1, for factors of 1 - d to 1 + d, or [low, high]."""

ScaleFactor = Annotated[
    Annotated[float, Field(ge=0.0, lt=1.0)] | tuple[Positive, Positive],
    AfterValidator(ascending),
]
"""A number d below 1 for factors of 1 - d to 1 + d, or [low, high], all above 0."""


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
