"""Dropout of single elements and of whole channels."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.layers.base import Arrays, Bound, Buffer, Context, Layer, Tensor, Tensors, layer
from dlrun.rng import Stream, key
from dlrun.spec.fields import Fraction


@layer("dropout")
class Dropout(Layer):
    """Sets random elements to 0 while training and scales up the rest.

    Inactive in evaluation.
    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15, 2014.

    Shape: unchanged.
    """

    along: ClassVar = "none"

    rate: Fraction = 0.5
    """Probability that an element becomes 0."""

    def needed_gain(self) -> None:
        """That of the next layer."""

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, flat; backward draws the same numbers again."""
        if not context.training:
            return Bound(lambda: np.copyto(y.value, x.value))
        drop, clock, node = context.kernels.dropout.drop, context.clock, context.node
        share = 1.0 - self.rate
        first = context.first_row * math.prod(x.value.shape[1:])

        def draw(source: Array, target: Array) -> None:
            bits = key(clock.seed, Stream.DROPOUT, clock.epoch, clock.step, node)
            drop(source, target, bits, first, share)

        x_flat, y_flat = x.value.reshape(-1), y.value.reshape(-1)
        if y.grad is None or x.grad is None:
            return Bound(lambda: draw(x_flat, y_flat))
        dy, dx = y.grad.reshape(-1), x.grad.reshape(-1)
        return Bound(lambda: draw(x_flat, y_flat), lambda: draw(dy, dx))


@layer("spatial_dropout")
class SpatialDropout(Layer):
    """Sets random channels to 0 while training and scales up the rest.

    Inactive in evaluation.  Neighbouring pixels are much alike, so dropping single ones would have
    little effect.
    Tompson et al., "Efficient object localization using convolutional networks", CVPR 2015.

    Shape: (batch, ..., channels), unchanged.
    """

    along: ClassVar = "none"

    rate: Fraction = 0.5
    """Probability that a channel of a sample becomes 0."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if len(x) < 2:
            raise ShapeError(
                f"spatial_dropout needs (..., channels) with at least one more axis, got {x}"
            )
        return x

    def needed_gain(self) -> None:
        """That of the next layer."""

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """0 or 1 / (1 - rate) for every channel."""
        return {"factor": Buffer(x[-1:], kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        if not context.training:
            return Bound(lambda: np.copyto(y.value, x.value))
        drop, clock, node = context.kernels.dropout.drop, context.clock, context.node
        factor = scratch["factor"]
        flat = factor.reshape(-1)
        ones = np.ones_like(flat)
        everywhere = np.expand_dims(factor, tuple(range(1, x.value.ndim - 1)))
        first, share = context.first_row * factor.shape[1], 1.0 - self.rate

        def forward() -> None:
            bits = key(clock.seed, Stream.DROPOUT, clock.epoch, clock.step, node)
            drop(ones, flat, bits, first, share)
            np.multiply(x.value, everywhere, out=y.value)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: np.multiply(dy, everywhere, out=dx))
