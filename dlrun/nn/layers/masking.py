"""Which steps of a sequence are valid."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph import GraphBuilder, Value
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Tensor, Tensors, layer


@layer("masking")
class Masking(Layer):
    """Steps whose numbers all equal ``value`` are padding to the layers behind.

    Nothing is changed: the sequence gets a mask, which goes with the time axis through the layers
    after it, to the loss and the metrics if it gets so far.  All of them leave padding out, so that
    a padded sequence gives what it would give alone.  Steps that are padding already stay so.

    Shape: (batch, time, ...), unchanged.
    """

    value: float = 0.0
    """What padding is filled with."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append a node that works the mask out; the sequence itself goes around it."""
        steps = Mask(value=self.value)
        steps._origin = self.origin
        found = graph.add(steps, (x if x.axis == 0 else replace(x, shape=()),))
        if x.mask is None:
            return replace(x, mask=found, blank=self.value == 0)
        return replace(x, mask=graph.both([x.mask, found], self.origin), blank=False)


class Mask(Layer):
    """1 at every step that is valid, 0 at padding; where a masking begins, not written in a spec.

    Shape: (batch, time, ...) -> (batch, time).
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    value: float
    """What padding is filled with."""

    def output_shape(self, x: Shape) -> Shape:
        """The steps."""
        if not x:
            raise ShapeError("masking needs (time, ...), got a single number")
        return x[:1]

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        numbers: Array = x.value.reshape(*y.value.shape, -1)

        def forward() -> None:
            np.any(numbers != self.value, axis=-1, out=y.value)

        return Bound(forward)
