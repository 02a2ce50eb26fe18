"""The position of each step in its sequence, which attention alone does not use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Parameter, Tensor, Tensors, layer

_LONGEST = 10_000.0
"""Wavelengths of the encoding range from 2 pi to 2 pi times this."""


def _need_sequence(kind: str, x: Shape) -> None:
    if len(x) != 2:
        raise ShapeError(f"{kind} needs (time, features), got {x}")


@layer("positional_encoding")
class PositionalEncoding(Layer):
    """Adds sines and cosines of the position to every step.

    Step t gets sin(t / 10000^(2 i / features)) at feature 2 i, and the cosine at feature 2 i + 1.
    Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.

    Shape: (batch, time, features), unchanged.
    """

    along: ClassVar = "none"

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        _need_sequence("positional_encoding", x)
        return x

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        waves = sinusoids(*x.value.shape[1:]).astype(x.value.dtype)
        return _add(x, y, waves)


def sinusoids(time: int, features: int) -> Array:
    """The encoding of every position, (time, features) float64."""
    number = np.arange(features)
    angle = np.arange(time)[:, None] / _LONGEST ** ((number - number % 2) / features)
    waves: Array = np.where(number % 2, np.cos(angle), np.sin(angle))
    return waves


@layer("positional_embedding")
class PositionalEmbedding(Layer):
    """Adds a learned vector for each position (Gehring et al., ICML 2017).

    Shape: (batch, time, features), unchanged.
    """

    along: ClassVar = "none"

    initializer: Initializer | None = None
    """Initial values; by default normal with standard deviation 0.02."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        _need_sequence("positional_embedding", x)
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Table (time, features)."""
        first = self.initializer or Normal(std=0.02)
        return {"table": Parameter(x, first, fan_in=x[0], fan_out=x[1], table=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        table = parameters["table"]
        add = _add(x, y, table.value)
        dy, dtable = y.grad, table.grad
        if dy is None or dtable is None:
            return add

        def backward() -> None:
            np.sum(dy, axis=0, out=dtable)
            if add.backward is not None:
                add.backward()

        return Bound(add.forward, backward)


def _add(x: Tensor, y: Tensor, table: Array) -> Bound:
    def forward() -> None:
        np.add(x.value, table, out=y.value)

    dy, dx = y.grad, x.grad
    if dy is None or dx is None:
        return Bound(forward)
    return Bound(forward, lambda: np.copyto(dx, dy))
