"""Batch normalization."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Annotated, ClassVar, NamedTuple

import numpy as np
from pydantic import Field, PositiveInt

from dlrun.arrays import Array, Shape
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
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.spec.fields import Positive


class Passes(NamedTuple):
    """A batch normalization's ways over the data of a chunk, once there are statistics.

    Attributes:
        normalize: writes the output, from mean and 1 / standard deviation.
        slope_sums: writes the sums of the output's slopes, from these, into the last argument.
        backward: writes the input's slopes, from these, the gradients of shift and scale, and 1 /
            rows of the batch.
    """

    normalize: Callable[[Array, Array], None]
    slope_sums: Callable[[Array, Array, Array], None]
    backward: Callable[[Array, Array, Array, Array, float], None]


@layer("batch_norm")
class BatchNorm(Layer):
    """Every channel brought to mean 0 and variance 1, then to a learned scale and shift.

    While training, with the batch's own mean and variance; in evaluation with their running
    averages, so that a prediction does not depend on what else is in the batch.  So is a last batch
    of one sample with one value a channel, which has no variance, and a batch that has one row
    beside padding; they leave the averages alone.  Padding does not count in them.
    Ioffe & Szegedy, "Batch normalization: accelerating deep network training by reducing internal
    covariate shift", ICML 2015.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = TIME_FIRST
    rectify: ClassVar[bool] = False

    momentum: Annotated[float, Field(gt=0.0, le=1.0)] = 0.1
    """Weight of a new batch in the running averages: r = (1 - momentum) r + momentum batch."""
    eps: Positive = 1e-5
    """Added to the variance."""
    frozen: bool = False
    """Use the running averages while training, too, and leave them; scale and shift still learn."""

    @property
    def meets(self) -> bool:
        """Running averages need no other sample."""
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
        """The running averages normalize, in training too."""
        return self.model_copy(update={"frozen": True})

    def single(self, x: Shape) -> Layer:
        """One value a channel has no variance: the running averages normalize it."""
        return self.held() if math.prod(x[:-1]) == 1 else self

    def alone(self) -> Layer:
        """Nothing is kept of the batches before."""
        return self.model_copy(update={"momentum": 1.0})

    def absorb(self, following: Layer, between: Shape, training: bool) -> Layer | None:
        """Takes in a relu."""
        if isinstance(following, ReLU):
            return RectifiedBatchNorm(momentum=self.momentum, eps=self.eps, frozen=self.frozen)
        return None

    def passes(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, k: ModuleType) -> Passes:
        """Its ways over the data, all axes but the last as rows."""
        channels, rectify = x.value.shape[-1], self.rectify
        x_rows, y_rows = x.value.reshape(-1, channels), y.value.reshape(-1, channels)
        affine = p["scale"].value, p["shift"].value
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

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays of a chunk."""
        k = context.kernels.norm
        passes = self.passes(x, y, p, s, k)
        if not context.training or self.frozen:
            return self._bind_fixed(passes, x, y, p, s)
        rows, mean, inverse, sums = _rows(x.value), s["mean"], s["inverse"], s["sums"]
        dscale, dshift = p["scale"].grad, p["shift"].grad

        mask, count, total = context.mask, s["rows"], s["total"]

        def gather() -> None:
            counted = rows if mask is None else _valid(x.value, mask)
            count[0] = len(counted)
            if len(counted):
                k.sums(counted, sums)

        def forward() -> None:
            passes.normalize(mean, inverse)

        if y.grad is None or dscale is None or dshift is None:
            return Bound(forward, gather=gather)

        def gather_back() -> None:
            passes.slope_sums(mean, inverse, sums)

        def backward() -> None:
            if x.grad is not None:
                # Running averages depend on no row of the batch.
                share = 1.0 / total[0] if total[0] > 1 else 0.0
                passes.backward(mean, inverse, dshift, dscale, share)
                if mask is not None:  # padding is no part of the statistics
                    np.copyto(x.grad, 0, where=_over(mask == 0, x.grad))

        return Bound(forward, backward, gather, gather_back)

    def _bind_fixed(self, passes: Passes, x: Tensor, y: Tensor, p: Tensors, s: Arrays) -> Bound:
        """With the running averages, of which no sample is a part."""
        mean, spread, sums = p["mean"].value, p["variance"].value, s["sums"]
        inverse, nothing = np.empty_like(mean), np.zeros_like(mean)
        dscale, dshift = p["scale"].grad, p["shift"].grad

        def forward() -> None:
            np.reciprocal(np.sqrt(spread + self.eps), out=inverse)
            passes.normalize(mean, inverse)

        if y.grad is None or dscale is None or dshift is None:
            return Bound(forward)

        def backward() -> None:
            passes.slope_sums(mean, inverse, sums)
            dshift[...], dscale[...] = sums[0], sums[1]
            if x.grad is not None:
                passes.backward(mean, inverse, nothing, nothing, 0.0)

        return Bound(forward, backward)

    def meet(
        self, x: Shape, p: Tensors, s: Arrays, samples: Sequence[int], context: Context
    ) -> Meeting:
        """The statistics of the batch, and the gradients of scale and shift, from the sums."""
        k, sums = context.kernels.norm, s["sums"]
        mean, inverse = s["mean"], s["inverse"]
        running, spread = p["mean"].value, p["variance"].value
        statistics = mean, inverse, running, spread
        counts, total = s["rows"][:, 0], s["total"]

        def forward() -> None:
            total[0] = counts.sum()
            if total[0] < 2:  # no variance: as with a batch of one sample, or of padding alone
                mean[...] = running
                np.reciprocal(np.sqrt(spread + self.eps), out=inverse)
            elif counts.all():
                k.merge(sums, counts, self.eps, self.momentum, *statistics)
            else:  # some chunks are nothing but padding
                some = counts > 0
                k.merge(sums[some], counts[some], self.eps, self.momentum, *statistics)

        dscale, dshift = p["scale"].grad, p["shift"].grad

        def backward() -> None:
            np.sum(sums[:, 0], axis=0, out=dshift)
            np.sum(sums[:, 1], axis=0, out=dscale)

        return Meeting(forward, backward)


class RectifiedBatchNorm(BatchNorm):
    """A batch normalization with the relu behind it, in one pass over memory instead of two."""

    kind: ClassVar = "batch_norm+relu"
    rectify: ClassVar = True

    def absorb(self, following: Layer, between: Shape, training: bool) -> Layer | None:
        """Takes in a max_pool whose windows lie side by side and cover the image."""
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
    """A batch normalization with the relu and the max_pool behind it.

    What it normalizes is never written, and going back only the largest of each window has a
    slope: two passes over a quarter of the memory in the place of six over all of it.
    """

    kind: ClassVar = "batch_norm+relu+max_pool"

    windows: tuple[PositiveInt, PositiveInt]
    """Height and width of a window."""

    def output_shape(self, x: Shape) -> Shape:
        """The windows."""
        return (x[0] // self.windows[0], x[1] // self.windows[1], x[2])

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Beside what batch normalization has, which pixel of each window was the largest."""
        where = Buffer(self.output_shape(x), "uint8" if _few(self.windows) else "int32", kept=True)
        return {**super().scratch(x), "where": where}

    def absorb(self, following: Layer, between: Shape, training: bool) -> Layer | None:
        """Takes in nothing more."""
        return None

    def passes(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, k: ModuleType) -> Passes:
        """Its ways over the data."""
        where, affine = s["where"], (p["scale"].value, p["shift"].value)
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


def _valid(x: Array, mask: Array) -> Array:
    """The rows of (batch, time, ..., channels) at valid steps."""
    rows: Array = x[mask != 0].reshape(-1, x.shape[-1])
    return rows


def _over(steps: Array, x: Array) -> Array:
    """(batch, time) with axes for the others of x."""
    return steps.reshape(*steps.shape, *(1,) * (x.ndim - 2))


def _rows(x: Array) -> Array:
    return x.reshape(-1, x.shape[-1])


def _few(windows: tuple[int, int]) -> bool:
    """Whether a byte can tell their pixels, and none of them, apart."""
    return windows[0] * windows[1] < 256
