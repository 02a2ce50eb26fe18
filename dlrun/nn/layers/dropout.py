"""Dropout."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn import kernels
from dlrun.nn.layer import Bound, Buffer, Context, Layer, Tensor, layer
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

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """1 where an element is kept."""
        return {"mask": Buffer(x, "uint8", kept=True)}

    def bind(
        self,
        x: Tensor,
        y: Tensor,
        p: Mapping[str, Tensor],
        s: Mapping[str, Array],
        context: Context,
    ) -> Bound:
        """Close over the arrays."""
        if not context.training:
            return Bound(lambda: np.copyto(y.value, x.value))
        mask, share, clock, node = s["mask"], 1.0 - self.rate, context.clock, context.node
        factor = 1.0 / share
        first = context.first_row * math.prod(x.value.shape[1:])

        def forward() -> None:
            bits = key(clock.seed, Stream.DROPOUT, clock.epoch, clock.step, node)
            kernels.dropout.keep(bits, first, share, mask)
            kernels.dropout.scale_kept(x.value, mask, factor, y.value)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: kernels.dropout.scale_kept(dy, mask, factor, dx))
