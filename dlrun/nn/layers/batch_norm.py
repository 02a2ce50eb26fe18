"""Batch normalization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn import kernels
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import Bound, Buffer, Context, Layer, Parameter, Tensor, layer
from dlrun.spec.fields import Positive


@layer("batch_norm")
class BatchNorm(Layer):
    """Every channel brought to mean 0 and variance 1, then to a learned scale and shift.

    While training, with the batch's own mean and variance; in evaluation with their running
    averages, so that a prediction does not depend on what else is in the batch.
    Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    batchwide: ClassVar = True

    momentum: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    """Weight of a new batch in the running averages: r = (1 - momentum) r + momentum batch."""
    eps: Positive = 1e-5
    """Added to the variance."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if not x:
            raise ShapeError("batch_norm needs (..., channels), got a single number")
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale and shift, and the running mean and variance."""
        channels = x[-1:]
        return {
            "scale": Parameter(channels, Ones(), decay=False),
            "shift": Parameter(channels, Zeros(), decay=False),
            "mean": Parameter(channels, Zeros(), trainable=False),
            "variance": Parameter(channels, Ones(), trainable=False),
        }

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean, variance and 1 / standard deviation of the batch."""
        vector = Buffer(x[-1:], per_sample=False, kept=True)
        return {"mean": vector, "variance": vector, "inverse": vector}

    def bind(
        self,
        x: Tensor,
        y: Tensor,
        p: Mapping[str, Tensor],
        s: Mapping[str, Array],
        context: Context,
    ) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        scale, shift, running, spread = p["scale"], p["shift"], p["mean"], p["variance"]
        mean, variance, inverse = s["mean"], s["variance"], s["inverse"]
        channels = x.value.shape[-1]
        x_rows, y_rows = x.value.reshape(-1, channels), y.value.reshape(-1, channels)
        rows = len(x_rows)
        # The running variance is that of the population, the batch's own that of its rows.
        unbias = rows / max(rows - 1, 1)

        def invert(of: Array) -> None:
            np.add(of, self.eps, out=inverse)
            np.sqrt(inverse, out=inverse)
            np.reciprocal(inverse, out=inverse)

        def evaluate() -> None:
            invert(spread.value)
            kernels.norm.normalize(x_rows, running.value, inverse, scale.value, shift.value, y_rows)

        if not context.training:
            return Bound(evaluate)

        def forward() -> None:
            kernels.norm.moments(x_rows, mean, variance)
            invert(variance)
            kernels.norm.normalize(x_rows, mean, inverse, scale.value, shift.value, y_rows)
            running.value[...] += self.momentum * (mean - running.value)
            spread.value[...] += self.momentum * (variance * unbias - spread.value)

        dscale, dshift = scale.grad, shift.grad
        if y.grad is None or dscale is None or dshift is None:
            return Bound(forward)
        dy = y.grad.reshape(-1, channels)
        dx = None if x.grad is None else x.grad.reshape(-1, channels)

        def backward() -> None:
            kernels.norm.normalize_backward(
                x_rows, mean, inverse, scale.value, dy, dscale, dshift, dx
            )

        return Bound(forward, backward)
