"""Nodes that masks need; no spec names them.

A mask is a value of (time,), 1 at valid steps and 0 at padding.  Those that work a mask out have no
slope.  ``Blank`` and ``Rescaled`` stand around layers that read several steps at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.layer import Arrays, Bound, Buffer, Context, Layer, Merge, Tensor, Tensors
from dlrun.nn.steps import Steps

if TYPE_CHECKING:
    from dlrun.nn.graph import GraphBuilder, Value

Fill = Literal["zero", "lowest"]
"""What padding is set to: what adds nothing to a sum, or what is never the largest."""


class Remask(Layer):
    """The mask after a layer from the mask before it; see ``Spans``.

    Shape: (batch, time) -> (batch, steps).
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    first: tuple[int, ...]
    """The first step that decides, for every step after the layer."""
    last: tuple[int, ...]
    """The last one."""
    needed: tuple[int, ...]
    """How many of them must be valid."""
    reach: tuple[tuple[int, int], ...] = ()
    """What is read for each step."""

    def output_shape(self, x: Shape) -> Shape:
        """The steps after the layer."""
        return (len(self.first),)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """How many steps are valid up to each."""
        return {"counts": Buffer((x[0] + 1,))}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        mask, valid, counts = x.value, y.value, s["counts"]
        first, stop = np.array(self.first), np.array(self.last) + 1
        needed = np.array(self.needed)
        begin, end = np.array(self.reach or [(0, 0)]).T

        def forward() -> None:
            _count(mask, counts)
            np.greater_equal(counts[:, stop] - counts[:, first], needed, out=valid)
            if not self.reach:
                return
            short = np.flatnonzero((counts[:, -1] > 0) & ~valid.any(axis=1))
            if len(short):
                found = counts[short[:, None], end + 1] > counts[short[:, None], begin]
                valid[short, found.argmax(axis=1)] = found.any(axis=1)

        return Bound(forward)


class Both(Merge):
    """Valid where all masks are.

    Shape: (batch, time) each, unchanged.
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """That of each."""
        return xs[0]

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays: a product of ones and zeros."""
        first, *rest = (x.value for x in xs)

        def forward() -> None:
            np.copyto(y.value, first)
            for each in rest:
                np.multiply(y.value, each, out=y.value)

        return Bound(forward)


class Joined(Merge):
    """Masks one after another, with stretches in which all steps are valid.

    Shape: (batch, n1), (batch, n2) and so on -> (batch, n1 + n2 + ...).
    """

    kind: ClassVar = "mask"
    marks: ClassVar = True

    lengths: tuple[int, ...]
    """Of the parts."""
    masked: tuple[bool, ...]
    """Which of them have a mask among the inputs."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """All steps."""
        return (sum(self.lengths),)

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays."""
        parts = np.split(y.value, np.cumsum(self.lengths)[:-1], axis=1)
        masks = iter(xs)
        sources = [next(masks).value if masked else 1 for masked in self.masked]

        def forward() -> None:
            for part, source in zip(parts, sources, strict=True):
                np.copyto(part, source)

        return Bound(forward)


class Blank(Layer):
    """Padding set to a number, before a layer that reads it together with valid steps.

    Shape: (batch, ...), unchanged.
    """

    kind: ClassVar = "blank"

    axis: int = 0
    """The time axis of a sample."""
    fill: Fill = "zero"
    """To what."""

    def steps(self, x: Shape, axis: int) -> Steps:
        """Unchanged."""
        return Steps(axis)

    def needed_gain(self) -> None:
        """That of the layer after it."""

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Which steps are padding."""
        return {"padding": Buffer((x[self.axis],), "bool", kept=True)}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        assert context.mask is not None
        mask, padding = context.mask, s["padding"]
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


class Rescaled(Layer):
    """What was pooled over windows in which padding was blank.

    A mean becomes that of the valid steps of its window; a window without any gives 0.

    Shape: (batch, windows, ...) or, of one window over everything, (batch, ...); unchanged.
    """

    kind: ClassVar = "rescaled"

    reach: tuple[tuple[int, int], ...]
    """The first and the last step of every window."""
    mean: bool
    """Whether it was a mean."""
    whole: bool = False
    """Whether there is one window, and no axis for it."""

    def steps(self, x: Shape, axis: int) -> Steps:
        """Unchanged."""
        return Steps(axis)

    def needed_gain(self) -> None:
        """That of the layer after it."""

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """A factor for every window."""
        return {"factor": Buffer((len(self.reach),), kept=True)}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        assert context.mask is not None
        mask, factor = context.mask, s["factor"]
        begin, end = np.array(self.reach).T
        steps = (end - begin + 1).astype(factor.dtype)
        counts = np.zeros((len(mask), mask.shape[1] + 1), mask.dtype)
        windows = factor.reshape(-1) if self.whole else factor
        scale = windows.reshape(*windows.shape, *(1,) * (x.value.ndim - windows.ndim))

        def forward() -> None:
            _count(mask, counts)
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


def _count(mask: Array, counts: Array) -> None:
    """Write how many steps are valid before each, (batch, time + 1)."""
    counts[:, 0] = 0
    np.cumsum(mask, axis=1, out=counts[:, 1:])


def blank(graph: GraphBuilder, x: Value, layer: Layer, fill: Fill = "zero") -> Value:
    """x with its padding set to a number, if it has any, for a layer that reads it."""
    if x.mask is None or (x.blank and fill == "zero"):
        return x
    node = Blank(axis=x.axis, fill=fill)
    node._origin = layer.origin
    return replace(graph.add(node, (x,)), blank=fill == "zero")


def rescaled(graph: GraphBuilder, x: Value, y: Value, pool: Layer, node: Rescaled) -> Value:
    """What a pool made of blank padding, y of x, so that padding does not count in it."""
    node._origin = pool.origin
    found = graph.add(node, (replace(y, mask=x.mask),))
    return replace(found, mask=y.mask, axis=y.axis, blank=False)
