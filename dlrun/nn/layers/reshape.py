"""The same numbers in another shape."""

from __future__ import annotations

import math
from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layer import Layer, layer


@layer("reshape")
class Reshape(Layer):
    """The same numbers in another shape, the last axis running fastest in both.

    Shape: (batch, ...) -> (batch, *shape).
    """

    reshapes: ClassVar = True

    shape: Annotated[tuple[int, ...], Field(min_length=1)]
    """Of a sample; one length may be -1, which is worked out."""

    @field_validator("shape")
    @classmethod
    def _check(cls, shape: Shape) -> Shape:
        if any(length < 1 and length != -1 for length in shape) or shape.count(-1) > 1:
            raise ValueError("must hold lengths above 0 and at most one -1")
        return shape

    def output_shape(self, x: Shape) -> Shape:
        """The shape, with the length that was left open."""
        total, known = math.prod(x), math.prod(length for length in self.shape if length != -1)
        if total % known or (-1 not in self.shape and total != known):
            raise ShapeError(
                f"reshape cannot make {self.shape} of {x}, which holds {total} numbers"
            )
        return tuple(total // known if length == -1 else length for length in self.shape)
