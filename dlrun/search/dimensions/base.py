"""What a dimension is: the values that one key of a space may take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field, FiniteFloat

from dlrun.arrays import Array
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Dimension(Component):
    """The root of all dimensions.

    Every value has a *position* in [0, 1].  Samplers work with positions, and ``at`` makes them
    what the key is set to.
    """

    family: ClassVar = Registry["Dimension"]("dimension")

    when: Annotated[dict[str, Any], Field(min_length=1)] | None = None
    """Other keys and the value, or list of values, that they must have for this key to count."""

    @property
    def size(self) -> int | None:
        """How many values there are; None for a range of real numbers."""
        raise NotImplementedError

    @property
    def ordered(self) -> bool:
        """Whether near positions are values that are alike."""
        return True

    @property
    def numeric(self) -> bool:
        """Whether every value is a number."""
        return True

    def contains(self, value: Any) -> bool:
        """Whether the key may be set to a value."""
        raise NotImplementedError

    def at(self, position: float) -> Any:
        """The plain value at a position, or nearest to it."""
        raise NotImplementedError

    def position(self, value: Any) -> float:
        """The middle of a value's positions."""
        raise NotImplementedError

    def snap(self, positions: Array) -> Array:
        """The positions of the values that are at positions, elementwise."""
        return positions

    def grid(self, points: int) -> Sequence[Any]:
        """The values to try one after another.

        Args:
            points: of them, where there are more than one could try.
        """
        raise NotImplementedError


dimension = Dimension.family


def _rising(ends: tuple[Any, Any]) -> tuple[Any, Any]:
    if not ends[0] < ends[1]:
        raise ValueError("must go from a lower to a higher number")
    if not math.isfinite(ends[1] - ends[0]):
        raise ValueError("must not span more than the largest number")
    return ends


Rising = AfterValidator(_rising)
"""Of two ends, that they are no empty or reversed range."""

Range = Annotated[tuple[FiniteFloat, FiniteFloat], Rising]
"""Two finite numbers, the lower first."""
