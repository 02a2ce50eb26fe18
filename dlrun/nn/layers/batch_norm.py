"""Batch normalization."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Annotated, ClassVar

from pydantic import Field, PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import (
    Arrays,
    Bound,
    Buffer,
    Context,
    Layer,
    Meeting,
    Operation,
    Parameter,
    Tensor,
    Tensors,
    layer,
)
from dlrun.nn.layers.batch_statistics import Passes, bind_to_averages, bind_to_batch, combine
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.spec.fields import Positive32


@layer("batch_norm")
class BatchNorm(Layer):
    """Normalizes every channel over the batch, then applies a learned scale and shift.

    Channels get mean 0 and variance 1.  Training uses the mean and variance of the batch;
    evaluation uses their running averages, so that a prediction does not depend on the other
    samples of the batch.  A batch with a single value per channel has no variance: it is
    normalized with the running averages, too, and does not change them.  Padding does not count.
    Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = TIME_FIRST
    rectify: ClassVar[bool] = False

    momentum: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    """Weight of a batch in the running averages: r = (1 - momentum) r + momentum batch."""
    eps: Positive32 = 1e-5
    """Added to the variance."""
    frozen: bool = False
    """Use the running averages while training, too, without changing them; scale and shift still
    learn."""

    @property
    def meets(self) -> bool:
        """Whether it uses the statistics of the batch."""
        return not self.frozen

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if not x:
            raise ShapeError("batch_norm needs (..., channels), got a single number")
        return x

    def steps(self, x: Shape, axis: int) -> Steps:
        """They stay; padding does not count in the statistics."""
        return super().steps(x, axis) if axis or len(x) < 2 else Steps()

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
        """Mean and 1 / standard deviation of the batch, its rows, and the sums of each chunk."""
        vector = Buffer(x[-1:], per_sample=False, shared=True, kept=True)
        sums = Buffer((3, *x[-1:]), "float64", per_sample=False)
        rows = Buffer((1,), "float64", per_sample=False)
        total = Buffer((1,), "float64", per_sample=False, shared=True, kept=True)
        return {"mean": vector, "inverse": vector, "sums": sums, "rows": rows, "total": total}

    def held(self) -> Layer:
        """The layer that uses the running averages in training, too."""
        return self.model_copy(update={"frozen": True})

    def single(self, x: Shape) -> Layer:
        """One value per channel has no variance, so the running averages are used."""
        return self.held() if math.prod(x[:-1]) == 1 else self

    def alone(self) -> Layer:
        """The layer whose running averages forget earlier batches."""
        return self.model_copy(update={"momentum": 1.0})

    def absorb(self, following: Operation, between: Shape, training: bool) -> Operation | None:
        """Absorb a relu."""
        if isinstance(following, ReLU):
            return RectifiedBatchNorm(momentum=self.momentum, eps=self.eps, frozen=self.frozen)
        return None

    def passes(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, k: ModuleType
    ) -> Passes:
        """Its passes over the data, with all axes except the last as rows."""
        channels, rectify = x.value.shape[-1], self.rectify
        x_rows, y_rows = x.value.reshape(-1, channels), y.value.reshape(-1, channels)
        affine = parameters["scale"].value, parameters["shift"].value
        dy = None if y.grad is None else y.grad.reshape(-1, channels)
        dx = None if x.grad is None else x.grad.reshape(-1, channels)
        return Passes(
            lambda mean, inverse: k.normalize(x_rows, mean, inverse, *affine, y_rows, rectify),
            lambda mean, inverse, found: k.slope_sums(
                x_rows, mean, inverse, *affine, dy, rectify, found
            ),
            lambda mean, inverse, dshift, dscale, share: k.normalize_backward(
                x_rows, mean, inverse, *affine, dy, rectify, dshift, dscale, share, dx
            ),
        )

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays of a chunk."""
        passes = self.passes(x, y, parameters, scratch, context.kernels.norm)
        if not context.training or self.frozen:
            return bind_to_averages(passes, x, y, parameters, scratch, self.eps)
        return bind_to_batch(passes, x, y, parameters, scratch, context)

    def meet(
        self,
        x: Shape,
        parameters: Tensors,
        scratch: Arrays,
        samples: Sequence[int],
        context: Context,
    ) -> Meeting:
        """The statistics of the batch, and the gradients of scale and shift, from the sums."""
        return combine(parameters, scratch, context, self.eps, self.momentum)


class RectifiedBatchNorm(BatchNorm):
    """A batch normalization and the relu after it, in one pass over memory instead of two."""

    kind: ClassVar = "batch_norm+relu"
    rectify: ClassVar = True

    def absorb(self, following: Operation, between: Shape, training: bool) -> Operation | None:
        """Absorb a max_pool whose windows are side by side and cover the image."""
        if not isinstance(following, MaxPool) or len(between) != 3:
            return None
        w = following.windows(between)
        side_by_side = w.size == w.stride and w.before == w.after == (0, 0)
        if not side_by_side or between[0] % w.size[0] or between[1] % w.size[1]:
            return None
        return PooledBatchNorm(
            momentum=self.momentum, eps=self.eps, frozen=self.frozen, windows=w.size
        )


class PooledBatchNorm(BatchNorm):
    """A batch normalization and the relu and the max_pool after it.

    Normalized values are never written, and in backward only the largest of each window has a
    gradient: two passes over a quarter of the memory instead of six over all of it.
    """

    kind: ClassVar = "batch_norm+relu+max_pool"

    windows: tuple[PositiveInt, PositiveInt]
    """Height and width of a window."""

    def output_shape(self, x: Shape) -> Shape:
        """The number of windows."""
        return (x[0] // self.windows[0], x[1] // self.windows[1], x[2])

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Those of batch normalization, and the position of the largest pixel in each window."""
        where = Buffer(self.output_shape(x), "uint8" if _few(self.windows) else "int32", kept=True)
        return {**super().scratch(x), "where": where}

    def absorb(self, following: Operation, between: Shape, training: bool) -> Operation | None:
        """Absorb nothing more."""
        return None

    def passes(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, k: ModuleType
    ) -> Passes:
        """Its passes over the data."""
        where, affine = scratch["where"], (parameters["scale"].value, parameters["shift"].value)
        return Passes(
            lambda mean, inverse: k.normalize_pool(
                x.value, mean, inverse, *affine, y.value, where, self.windows
            ),
            lambda mean, inverse, found: k.pooled_slope_sums(
                x.value, mean, inverse, y.grad, where, self.windows, found
            ),
            lambda mean, inverse, dshift, dscale, share: k.pooled_normalize_backward(
                *(x.value, mean, inverse, affine[0], y.grad, where, self.windows),
                *(dshift, dscale, share, x.grad),
            ),
        )


def _few(windows: tuple[int, int]) -> bool:
    """Whether a byte can number the pixels of a window, with one more value for none."""
    return windows[0] * windows[1] < 256
