"""Which steps of a sequence are valid."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Tensor, Tensors, layer


@layer("masking")
class Masking(Layer):
    """Steps whose numbers all equal ``value`` are padding to the layers behind.

    Nothing is changed: the sequence gets a mask.  The mask goes on through layers that keep the
    axis of time, and recurrent layers, attention and pooling over time leave padding out.

    Shape: (batch, time, ...), unchanged.
    """

    value: float = 0.0
    """What padding is filled with."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append a node that works the mask out; the sequence itself goes around it."""
        steps = Mask(value=self.value)
        steps._origin = self.origin
        return Value(x.number, x.shape, mask=graph.add(steps, (x,)))


class Mask(Layer):
    """1 at every step that is valid, 0 at padding; where a masking begins, not written in a spec.

    Shape: (batch, time, ...) -> (batch, time).
    """

    kind: ClassVar = "mask"

    value: float
    """What padding is filled with."""

    def output_shape(self, x: Shape) -> Shape:
        """The steps."""
        if not x:
            raise ShapeError("masking needs (time, ...), got a single number")
        return x[:1]

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays; a mask passes no gradient on."""
        numbers: Array = x.value.reshape(*y.value.shape, -1)

        def forward() -> None:
            np.any(numbers != self.value, axis=-1, out=y.value)

        dx = x.grad
        return Bound(forward) if dx is None else Bound(forward, lambda: dx.fill(0))
