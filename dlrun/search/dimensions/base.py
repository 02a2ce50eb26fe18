"""The base of dimensions: the values that one key of a search space can take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, FiniteFloat

from dlrun.arrays import Array
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Dimension(Component):
    """Base class of all dimensions.

    Every value has a *position* in [0, 1].  Samplers use positions, and ``at`` converts them to the
    key's values.
    """

    family: ClassVar = Registry["Dimension"]("dimension")

    when: Annotated[dict[str, Any], Field(min_length=1)] | None = None
    """Condition for this key to be active: other keys, each with a value or list of values. The
    name of a component means all values that are this component with fields, such as ``adam`` for
    ``{adam: {beta1: 0.8}}``, unless the name alone is a value, too."""

    @property
    def size(self) -> int | None:
        """Number of values; None for a range of real numbers."""
        raise NotImplementedError

    @property
    def ordered(self) -> bool:
        """Whether nearby positions are similar values."""
        return True

    @property
    def numeric(self) -> bool:
        """Whether every value is a number."""
        return True

    def contains(self, value: Any) -> bool:
        """Whether the key can have a value."""
        raise NotImplementedError

    def at(self, position: float) -> Any:
        """The plain value at a position, or the nearest one."""
        raise NotImplementedError

    def position(self, value: Any) -> float:
        """The middle of a value's positions."""
        raise NotImplementedError

    def snap(self, positions: Array) -> Array:
        """The positions of the values at the given positions, elementwise."""
        return positions

    def moved(self, value: Any, step: float) -> Any:
        """The value at a distance from another one; the same value if it has no other near it.

        A step that ends beyond an end of the range ends there, and one from that end goes the
        other way.

        Args:
            value: where the step begins.
            step: distance between the two positions, at most 1; below 0 for lower positions.
        """
        place = self.position(value)
        for each in (step, -step):
            new = self.at(min(1.0, max(0.0, place + each)))
            if new != value:
                return new
        return value

    def grid(self, points: int) -> Sequence[Any]:
        """The values of a grid search.

        Args:
            points: number of values, if there are more than a grid can try.
        """
        raise NotImplementedError


dimension = Dimension.family


def _rising(ends: tuple[Any, Any]) -> tuple[Any, Any]:
    if not ends[0] < ends[1]:
        raise ValueError("must go from a lower to a higher number")
    if not math.isfinite(ends[1] - ends[0]):
        raise ValueError("must not span more than the largest float")
    return ends


Rising = AfterValidator(_rising)
"""Checks that the first end of a range is below the second."""

Range = Annotated[tuple[FiniteFloat, FiniteFloat], Rising]
"""Two finite numbers, the lower first."""
