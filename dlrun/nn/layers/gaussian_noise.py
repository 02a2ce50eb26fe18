"""Gaussian noise."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Tensor, Tensors, layer
from dlrun.rng import Stream, key
from dlrun.spec.fields import Positive32


@layer("gaussian_noise")
class GaussianNoise(Layer):
    """Adds normally distributed noise to every element while training.

    Inactive in evaluation.

    Shape: unchanged.
    """

    along: ClassVar = "none"

    std: Positive32 = 0.1
    """Standard deviation of the noise."""

    def needed_gain(self) -> None:
        """That of the next layer."""

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, flat."""
        if not context.training:
            return Bound(lambda: np.copyto(y.value, x.value))
        add_noise, clock, node = context.kernels.dropout.add_noise, context.clock, context.node
        first = context.first_row * math.prod(x.value.shape[1:])
        x_flat, y_flat = x.value.reshape(-1), y.value.reshape(-1)

        def forward() -> None:
            # The stream of dropout: the node's index keeps it apart from every dropout.
            bits = key(clock.seed, Stream.DROPOUT, clock.epoch, clock.step, node)
            add_noise(x_flat, y_flat, bits, first, self.std)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: np.copyto(dx, dy))
