"""Batch normalization."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import Arrays, Bound, Buffer, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.pieces import MOST, cut
from dlrun.nn.threads import Work
from dlrun.spec.fields import Positive

_PIECE = 64 * 1024
"""Numbers that are worth handing to another thread."""


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
        """Mean and 1 / standard deviation of the batch, and two sums of each piece of it."""
        vector = Buffer(x[-1:], per_sample=False, kept=True)
        sums = Buffer((2, MOST, *x[-1:]), "float64", per_sample=False)
        return {"mean": vector, "inverse": vector, "sums": sums}

    def held(self) -> Layer:
        """The running statistics normalize, in training too."""
        frozen = HeldBatchNorm(momentum=self.momentum, eps=self.eps)
        frozen._origin = self.origin
        return frozen

    def alone(self) -> Layer:
        """Nothing is kept of the batches before."""
        return self.model_copy(update={"momentum": 1.0})

    def absorb(self, following: Layer) -> Layer | None:
        """Takes in a relu."""
        if type(self) is BatchNorm and isinstance(following, ReLU):
            return RectifiedBatchNorm(momentum=self.momentum, eps=self.eps)
        return None

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays, all axes but the last as rows, cut into pieces."""
        k, each, rectify = context.kernels.norm, context.each, self.rectify
        scale, shift, running, spread = (p[n] for n in ("scale", "shift", "mean", "variance"))
        mean, inverse = s["mean"], s["inverse"]
        channels = x.value.shape[-1]
        x_rows, y_rows = x.value.reshape(-1, channels), y.value.reshape(-1, channels)
        rows = len(x_rows)
        pieces = cut(rows, x_rows.size, _PIECE)
        total, square = s["sums"][:, : len(pieces)]

        def normalized(center: Array) -> Work:
            affine = center, inverse, scale.value, shift.value
            return each(
                [partial(k.normalize, x_rows[i], *affine, y_rows[i], rectify) for i in pieces]
            )

        if not context.training:
            normalize = normalized(running.value)

            def evaluate() -> None:
                np.reciprocal(np.sqrt(spread.value + self.eps), out=inverse)
                normalize()

            return Bound(evaluate)

        near = x_rows[0]
        sum_up = each(
            [partial(k.sums, x_rows[i], near, total[n], square[n]) for n, i in enumerate(pieces)]
        )
        normalize = normalized(mean)
        # The running variance is that of the population, the batch's own that of its rows.
        unbias = rows / max(rows - 1, 1)

        def forward() -> None:
            sum_up()
            offset = total.sum(axis=0) / rows
            variance = np.maximum(square.sum(axis=0) / rows - np.square(offset), 0.0)
            np.add(near, offset, out=mean, casting="same_kind")
            np.reciprocal(np.sqrt(variance + self.eps), out=inverse, casting="same_kind")
            running.value[...] += self.momentum * (mean - running.value)
            spread.value[...] += self.momentum * (variance * unbias - spread.value)
            normalize()

        dscale, dshift = scale.grad, shift.grad
        if y.grad is None or dscale is None or dshift is None:
            return Bound(forward)
        dy = y.grad.reshape(-1, channels)
        dx = None if x.grad is None else x.grad.reshape(-1, channels)
        affine = mean, inverse, scale.value, shift.value
        sum_slopes = each(
            [
                partial(k.slope_sums, x_rows[i], *affine, dy[i], rectify, total[n], square[n])
                for n, i in enumerate(pieces)
            ]
        )
        pass_on = [
            partial(
                k.normalize_backward,
                x_rows[i],
                *affine,
                dy[i],
                rectify,
                dshift,
                dscale,
                rows,
                dx[i],
            )
            for i in pieces
            if dx is not None
        ]
        write_dx = each(pass_on) if pass_on else None

        def backward() -> None:
            sum_slopes()
            np.sum(total, axis=0, out=dshift)
            np.sum(square, axis=0, out=dscale)
            if write_dx is not None:
                write_dx()

        return Bound(forward, backward)


class RectifiedBatchNorm(BatchNorm):
    """A batch normalization with the relu behind it, in one pass over memory instead of two."""

    kind: ClassVar = "batch_norm+relu"
    rectify: ClassVar = True


class HeldBatchNorm(BatchNorm):
    """A batch normalization whose running statistics are frozen: they normalize, and stay."""

    kind: ClassVar = "batch_norm"

    def held(self) -> Layer:
        """It is."""
        return self

    def alone(self) -> Layer:
        """Its statistics are nobody's but their own."""
        return self

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        evaluate = super().bind(x, y, p, s, replace(context, training=False)).forward
        dscale, dshift = p["scale"].grad, p["shift"].grad
        if y.grad is None or dscale is None or dshift is None:
            return Bound(evaluate)
        channels = x.value.shape[-1]
        x_rows, dy = x.value.reshape(-1, channels), y.grad.reshape(-1, channels)
        affine = p["mean"].value, s["inverse"], p["scale"].value, p["shift"].value
        slope_sums, (total, square) = context.kernels.norm.slope_sums, s["sums"][:, 0]

        def backward() -> None:
            slope_sums(x_rows, *affine, dy, False, total, square)
            np.copyto(dshift, total, casting="same_kind")
            np.copyto(dscale, square, casting="same_kind")
            if x.grad is not None:
                slope = p["scale"].value * s["inverse"]
                np.multiply(dy, slope, out=x.grad.reshape(-1, channels))

        return Bound(evaluate, backward)
