"""Masks for sequences with padding."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.layers.base import AnyLayer, Arrays, Bound, Context, Tensor, Tensors, Transform, layer


@layer("masking")
class Masking(AnyLayer):
    """Marks steps whose values all equal ``value`` as padding.

    Values do not change: the sequence gets a mask, which follows the time axis through the next
    layers, up to the loss and the metrics if the axis does not end before.  All of these ignore
    padding, so a padded sequence has the same results as without padding.  Steps that are already
    marked stay marked.

    Shape: (batch, time, ...), unchanged.
    """

    value: float = 0.0
    """The value of padding."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append a node that computes the mask; the sequence itself is passed on unchanged."""
        steps = Mask(value=self.value)
        steps._origin = self.origin
        found = graph.add(steps, (x if x.axis == 0 else replace(x, shape=()),))
        if x.mask is None:
            return replace(x, mask=found, blank=self.value == 0)
        return replace(x, mask=graph.both([x.mask, found], self.origin), blank=False)


class Mask(Transform):
    """1 at every valid step, 0 at padding; the node of ``masking``, which a spec does not name.

    Shape: (batch, time, ...) -> (batch, time).
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    value: float
    """The value of padding."""

    def output_shape(self, x: Shape) -> Shape:
        """The steps."""
        if not x:
            raise ShapeError("masking needs (time, ...), got a single number")
        return x[:1]

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        numbers: Array = x.value.reshape(*y.value.shape, -1)

        def forward() -> None:
            np.any(numbers != self.value, axis=-1, out=y.value)

        return Bound(forward)
