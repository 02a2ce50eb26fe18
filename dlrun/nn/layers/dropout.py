"""Dropout."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Tensor, Tensors, layer
from dlrun.rng import Stream, key
from dlrun.spec.fields import Fraction


@layer("dropout")
class Dropout(Layer):
    """Zeros in random places while training, the rest scaled up; nothing in evaluation.

    Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting",
    JMLR 15, 2014.

    Shape: unchanged.
    """

    rate: Fraction = 0.5
    """Probability with which an element becomes 0."""

    def needed_gain(self) -> None:
        """That of the layer behind."""

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
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
