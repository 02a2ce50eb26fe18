"""Pooling over time: a sequence becomes one vector, without its padding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.layers.base import Arrays, Bound, Buffer, Context, Layer, Tensor, Tensors, layer
from dlrun.nn.steps import TIME_FIRST, Steps


class _OverTime(Layer):
    """The base of all three."""

    padding_advice: ClassVar = TIME_FIRST

    def output_shape(self, x: Shape) -> Shape:
        """The features."""
        if len(x) != 2:
            raise ShapeError(f"{self.kind} needs (time, features), got {x}")
        return x[1:]

    def steps(self, x: Shape, axis: int) -> Steps:
        """The time axis ends; padding is left out."""
        return Steps(None) if axis == 0 else super().steps(x, axis)


@layer("mean_over_time")
class MeanOverTime(_OverTime):
    """Mean of every feature over the valid steps; 0 if there are none.

    Shape: (batch, time, features) -> (batch, features).
    """

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Weight of each step in the mean."""
        return {"share": Buffer(x[:1], kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays; the mean is a matrix multiplication with the weights."""
        share, mask = scratch["share"], context.mask
        row, mean = share[:, None, :], y.value[:, None, :]

        def forward() -> None:
            if mask is None:
                share.fill(1.0 / share.shape[1])
            else:
                np.divide(mask, np.maximum(mask.sum(axis=1, keepdims=True), 1), out=share)
            np.matmul(row, x.value, out=mean)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: np.multiply(share[:, :, None], dy[:, None, :], out=dx))


class _Pick(_OverTime):
    """Pooling that takes every feature from one step."""

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """The step that every feature is taken from."""
        return {"where": Buffer(x[1:], "int64", kept=True)}

    def choose(self, x: Array, mask: Array | None, where: Array) -> None:
        """Write the step that each feature is taken from, (batch, features)."""
        raise NotImplementedError

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays; without valid steps the output is 0."""
        where, mask = scratch["where"], context.mask

        def forward() -> None:
            self.choose(x.value, mask, where)
            np.copyto(y.value, np.take_along_axis(x.value, where[:, None, :], axis=1)[:, 0])
            if mask is not None:
                np.copyto(y.value, 0, where=~mask.any(axis=1, keepdims=True))

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)

        def backward() -> None:
            dx.fill(0)
            np.put_along_axis(dx, where[:, None, :], dy[:, None, :], axis=1)
            if mask is not None:
                np.copyto(dx, 0, where=mask[:, :, None] == 0)

        return Bound(forward, backward)


@layer("max_over_time")
class MaxOverTime(_Pick):
    """Maximum of every feature over the valid steps; 0 if there are none.

    Collobert et al., "Natural language processing (almost) from scratch", JMLR 12, 2011.

    Shape: (batch, time, features) -> (batch, features).
    """

    def choose(self, x: Array, mask: Array | None, where: Array) -> None:
        """The first of the largest."""
        if mask is not None:
            x = np.where(mask[:, :, None] != 0, x, -np.inf)
        np.argmax(x, axis=1, out=where)


@layer("last_step")
class LastStep(_Pick):
    """The last valid step; 0 if there is none.

    Shape: (batch, time, features) -> (batch, features).
    """

    def choose(self, x: Array, mask: Array | None, where: Array) -> None:
        """The same for all features."""
        last = x.shape[1] - 1
        if mask is None:
            where.fill(last)
        else:
            np.subtract(last, np.argmax(mask[:, ::-1] != 0, axis=1)[:, None], out=where)
