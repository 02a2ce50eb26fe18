"""Batch normalization."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import (
    Arrays,
    Bound,
    Buffer,
    Context,
    Layer,
    Meeting,
    Parameter,
    Tensor,
    Tensors,
    layer,
)
from dlrun.nn.layers.activations import ReLU
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
    meets: ClassVar = True
    rectify: ClassVar[bool] = False

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
        """Mean and 1 / standard deviation of the batch, and the sums of each chunk."""
        vector = Buffer(x[-1:], per_sample=False, shared=True, kept=True)
        sums = Buffer((3, *x[-1:]), "float64", per_sample=False)
        return {"mean": vector, "inverse": vector, "sums": sums}

    def absorb(self, following: Layer) -> Layer | None:
        """Takes in a relu."""
        if type(self) is BatchNorm and isinstance(following, ReLU):
            return RectifiedBatchNorm(momentum=self.momentum, eps=self.eps)
        return None

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        k, rectify = context.kernels.norm, self.rectify
        scale, shift = p["scale"], p["shift"]
        channels = x.value.shape[-1]
        x_rows, y_rows = x.value.reshape(-1, channels), y.value.reshape(-1, channels)
        if not context.training:
            running, spread = p["mean"].value, p["variance"].value
            inverse = np.empty_like(running)

            def evaluate() -> None:
                np.reciprocal(np.sqrt(spread + self.eps), out=inverse)
                k.normalize(x_rows, running, inverse, scale.value, shift.value, y_rows, rectify)

            return Bound(evaluate)
        affine = s["mean"], s["inverse"], scale.value, shift.value
        sums = s["sums"]

        def gather() -> None:
            k.sums(x_rows, sums)

        def forward() -> None:
            k.normalize(x_rows, *affine, y_rows, rectify)

        dscale, dshift = scale.grad, shift.grad
        if y.grad is None or dscale is None or dshift is None:
            return Bound(forward, gather=gather)
        dy = y.grad.reshape(-1, channels)
        dx = None if x.grad is None else x.grad.reshape(-1, channels)
        share = len(x.value) / (context.batch * len(x_rows))

        def gather_back() -> None:
            k.slope_sums(x_rows, *affine, dy, rectify, sums)

        def backward() -> None:
            if dx is not None:
                k.normalize_backward(x_rows, *affine, dy, rectify, dshift, dscale, share, dx)

        return Bound(forward, backward, gather, gather_back)

    def meet(
        self, x: Shape, p: Tensors, s: Arrays, samples: Sequence[int], context: Context
    ) -> Meeting:
        """The statistics of the batch, and the gradients of scale and shift, from the sums."""
        k, sums = context.kernels.norm, s["sums"]
        statistics = s["mean"], s["inverse"], p["mean"].value, p["variance"].value
        counts = np.array(samples, np.float64) * math.prod(x[:-1])

        def forward() -> None:
            k.merge(sums, counts, self.eps, self.momentum, *statistics)

        dscale, dshift = p["scale"].grad, p["shift"].grad

        def backward() -> None:
            np.sum(sums[:, 0], axis=0, out=dshift)
            np.sum(sums[:, 1], axis=0, out=dscale)

        return Meeting(forward, backward)


class RectifiedBatchNorm(BatchNorm):
    """A batch normalization with the relu behind it, in one pass over memory instead of two."""

    kind: ClassVar = "batch_norm+relu"
    rectify: ClassVar = True
