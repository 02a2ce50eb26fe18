"""Layers that merge several values into one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.layers.base import AnyLayer, Bound, Merge, Tensor, layer
from dlrun.nn.parallel.threads import Work, chain
from dlrun.spec.fields import Name


class _Named(Merge, AnyLayer):
    """The base of merges whose inputs are named in the spec."""

    examples: ClassVar = ({"inputs": ("previous", "input")},)

    inputs: Annotated[tuple[Name, ...], Field(min_length=2)]
    """Inputs: names of nodes, ``previous`` for the layer above, ``input`` for the samples."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer after the values that it names."""
        values = tuple(
            graph.read(name, x, self.place_of(f"inputs.{number}"))
            for number, name in enumerate(self.inputs)
        )
        return graph.add(self, values)

    def listed(self, xs: Sequence[Shape]) -> str:
        """The inputs with their shapes, for messages."""
        return ", ".join(f"{x} of '{name}'" for x, name in zip(xs, self.inputs, strict=True))


@layer("concatenate")
class Concatenate(_Named):
    """Concatenates values along an axis.

    Shape: (batch, ..., n1, ...) and (batch, ..., n2, ...) and so on -> (batch, ..., n1 + n2 + ...,
    ...); all other axes are equal.
    """

    axis: int = -1
    """Axis of a sample, counted from 0, or from -1 backwards; the last one is the channels."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """The shape of each input, with the sum of the lengths along the axis."""
        first = xs[0]
        if not all(-len(x) <= self.axis < len(x) for x in xs):
            raise ShapeError(f"concatenate: axis {self.axis} does not exist in {self.listed(xs)}")
        axis = self.axis % len(first)
        if any((*x[:axis], *x[axis + 1 :]) != (*first[:axis], *first[axis + 1 :]) for x in xs):
            raise ShapeError(
                f"concatenate along axis {self.axis} needs equal lengths along all others, "
                f"got {self.listed(xs)}"
            )
        return (*first[:axis], sum(x[axis] for x in xs), *first[axis + 1 :])

    def joined_axis(self, x: Shape) -> int:
        """The axis, counted from 0."""
        return self.axis % len(x)

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays: each input has its part of the output."""
        axis = self.axis % (y.value.ndim - 1) + 1
        edges = np.cumsum([x.value.shape[axis] for x in xs])[:-1]
        parts = np.split(y.value, edges, axis)
        forward = chain(
            [partial(np.copyto, part, x.value) for part, x in zip(parts, xs, strict=True)]
        )
        if y.grad is None:
            return Bound(forward)
        slopes = np.split(y.grad, edges, axis)
        back: list[Work] = [
            partial(np.copyto, x.grad, slope)
            for slope, x in zip(slopes, xs, strict=True)
            if x.grad is not None
        ]
        return Bound(forward, chain(back))


class _Elementwise(_Named):
    """The base of elementwise merges, which broadcast their inputs."""

    def merged_shape(self, xs: tuple[Shape, ...]) -> Shape:
        """The shape to which all inputs can be broadcast."""
        try:
            return np.broadcast_shapes(*xs)
        except ValueError:
            raise ShapeError(
                f"{self.kind} needs shapes that can be broadcast, got {self.listed(xs)}"
            ) from None


@layer("add")
class Add(_Elementwise):
    """Sum of values.

    Shape: any, equal; axes of length 1 and missing first axes are broadcast, so (batch, channels)
    can be added to (batch, height, width, channels).
    """

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays."""
        first, second, *rest = (_stretched(x.value, y.value) for x in xs)

        def forward() -> None:
            np.add(first, second, out=y.value)
            for each in rest:
                np.add(y.value, each, out=y.value)

        if y.grad is None:
            return Bound(forward)
        dy = y.grad
        back = [_sum_into(_stretched(x.grad, dy), [dy]) for x in xs if x.grad is not None]
        return Bound(forward, chain(back))


@layer("multiply")
class Multiply(_Elementwise):
    """Elementwise product of values.

    Shape: any, equal; axes of length 1 and missing first axes are broadcast, so weights of (batch,
    channels) can gate (batch, height, width, channels), as in Hu, Shen & Sun,
    "Squeeze-and-excitation networks", CVPR 2018.
    """

    keeps: ClassVar = "x"

    def bind_merge(self, xs: tuple[Tensor, ...], y: Tensor) -> Bound:
        """Close over the arrays."""
        values = [_stretched(x.value, y.value) for x in xs]
        first, second, *rest = values

        def forward() -> None:
            np.multiply(first, second, out=y.value)
            for each in rest:
                np.multiply(y.value, each, out=y.value)

        if y.grad is None:
            return Bound(forward)
        dy = y.grad
        back = [
            _sum_into(_stretched(x.grad, dy), [dy, *values[:number], *values[number + 1 :]])
            for number, x in enumerate(xs)
            if x.grad is not None
        ]
        return Bound(forward, chain(back))


def _stretched(x: Array, y: Array) -> Array:
    """x with as many axes as y: axes of length 1 are inserted after the batch."""
    return x.reshape(len(x), *(1,) * (y.ndim - x.ndim), *x.shape[1:])


def _sum_into(out: Array, factors: Sequence[Array]) -> Work:
    """Write the product of the factors, summed along axes in which ``out`` has length 1."""
    shape = np.broadcast_shapes(*(each.shape for each in factors))
    if out.shape == shape and len(factors) == 1:
        return partial(np.copyto, out, factors[0])
    if out.shape == shape and len(factors) == 2:
        return partial(np.multiply, *factors, out=out)
    operands: list[object] = []
    for each in factors:
        axes = [axis for axis, length in enumerate(each.shape) if length == shape[axis]]
        operands += [each.reshape([each.shape[axis] for axis in axes]), axes]
    axes = [axis for axis, length in enumerate(out.shape) if length == shape[axis]]
    target = out.reshape([out.shape[axis] for axis in axes])
    assert math.prod(target.shape) == out.size
    return partial(np.einsum, *operands, axes, out=target)
