"""Nodes around layers that read several steps at once, so that padding does not change them.

A spec does not name these nodes: the layers append them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.graph.bound import Bound, Context
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.declarations import Buffer
from dlrun.nn.graph.masks import count_valid
from dlrun.nn.graph.operation import Transform
from dlrun.nn.steps import Steps
from dlrun.nn.tensor import Arrays, Tensor, Tensors
from dlrun.spec.component import Component

Fill = Literal["zero", "lowest"]
"""The value of padding: one that adds nothing to a sum, or one that is never the largest."""


class Blank(Transform):
    """Sets padding to a value, before a layer that reads it together with valid steps.

    Shape: (batch, ...), unchanged.
    """

    kind: ClassVar = "blank"

    axis: int = 0
    """The time axis of a sample."""
    fill: Fill = "zero"
    """The value."""

    def steps(self, x: Shape, axis: int) -> Steps:
        """Unchanged."""
        return Steps(axis)

    def needed_gain(self) -> None:
        """That of the next layer."""

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Whether each step is padding."""
        return {"padding": Buffer((x[self.axis],), "bool", kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        assert context.mask is not None
        mask, padding = context.mask, scratch["padding"]
        number = 0.0 if self.fill == "zero" else float(np.finfo(x.value.dtype).min)
        ones = [1] * (x.value.ndim - 1)
        ones[self.axis] = -1
        where = padding.reshape(len(padding), *ones)

        def forward() -> None:
            np.equal(mask, 0, out=padding)
            np.copyto(y.value, x.value)
            np.copyto(y.value, number, where=where)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)

        def backward() -> None:
            np.copyto(dx, dy)
            np.copyto(dx, 0, where=where)

        return Bound(forward, backward)


class Rescaled(Transform):
    """Corrects the pooling of windows in which padding was blank.

    A mean becomes that of the valid steps of its window; a window without valid steps becomes 0.

    Shape: (batch, windows, ...), or (batch, ...) for one window over everything; unchanged.
    """

    kind: ClassVar = "rescaled"

    reach: tuple[tuple[int, int], ...]
    """The first and last step of every window."""
    mean: bool
    """Whether the pooling was a mean."""
    whole: bool = False
    """Whether there is one window over everything, without an axis."""

    def steps(self, x: Shape, axis: int) -> Steps:
        """Unchanged."""
        return Steps(axis)

    def needed_gain(self) -> None:
        """That of the next layer."""

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """A factor for every window."""
        return {"factor": Buffer((len(self.reach),), kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        assert context.mask is not None
        mask, factor = context.mask, scratch["factor"]
        begin, end = np.array(self.reach).T
        steps = (end - begin + 1).astype(factor.dtype)
        counts = np.zeros((len(mask), mask.shape[1] + 1), mask.dtype)
        windows = factor.reshape(-1) if self.whole else factor
        scale = windows.reshape(*windows.shape, *(1,) * (x.value.ndim - windows.ndim))

        def forward() -> None:
            count_valid(mask, counts)
            np.subtract(counts[:, end + 1], counts[:, begin], out=factor)
            if self.mean:
                np.divide(steps, factor, out=factor, where=factor > 0)
            else:
                np.minimum(factor, 1, out=factor)
            np.multiply(x.value, scale, out=y.value)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: np.multiply(dy, scale, out=dx))


def blank(graph: GraphBuilder, x: Value, layer: Component, fill: Fill = "zero") -> Value:
    """x with padding, if it has any, set to a value for a layer that reads it."""
    if x.mask is None or (x.blank and fill == "zero"):
        return x
    node = Blank(axis=x.axis, fill=fill)
    node._origin = layer.origin
    return replace(graph.add(node, (x,)), blank=fill == "zero")


def rescaled(graph: GraphBuilder, x: Value, y: Value, pool: Component, node: Rescaled) -> Value:
    """y, the pooling of x with blank padding, corrected so that padding does not count."""
    node._origin = pool.origin
    value = graph.add(node, (replace(y, mask=x.mask),))
    return replace(value, mask=y.mask, axis=y.axis, blank=False)
