"""Normalization within a sample: what the batch holds beside it does not matter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layer import Arrays, Bound, Buffer, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.spec.fields import Positive


@layer("layer_norm")
class LayerNorm(Layer):
    """The last axis brought to mean 0 and variance 1, then to a learned scale and shift.

    At every place of a sample on its own; training and evaluation are alike.
    Ba, Kiros & Hinton, "Layer normalization", 2016.

    Shape: (batch, ..., n), unchanged.
    """

    keeps: ClassVar = "x"
    along: ClassVar = "last"

    eps: Positive = 1e-5
    """Added to the variance."""
    scale: bool = True
    """Multiply by a learned number for each entry of the axis."""
    shift: bool = True
    """Add a learned number for each entry of the axis."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        return _need_axis(self.kind, x)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (n,) and shift (n,)."""
        return _affine(x[-1], scale=self.scale, shift=self.shift)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean and 1 / standard deviation of every row."""
        return {name: Buffer(x[:-1], kept=True) for name in ("mean", "inverse")}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        k, eps = context.kernels.sample_norm, self.eps
        x_rows, y_rows = _rows(x.value), _rows(y.value)
        scale, shift = _learned(p, "scale", 1.0, x_rows), _learned(p, "shift", 0.0, x_rows)
        mean, inverse = s["mean"].reshape(-1), s["inverse"].reshape(-1)

        def forward() -> None:
            k.layer_norm(x_rows, scale.value, shift.value, eps, mean, inverse, y_rows)

        if y.grad is None:
            return Bound(forward)
        dy, dx = _rows(y.grad), _rows(_slope(x))

        def backward() -> None:
            k.layer_norm_backward(
                x_rows, scale.value, mean, inverse, dy, dx, scale.grad, shift.grad
            )

        return Bound(forward, backward)


@layer("rms_norm")
class RMSNorm(Layer):
    """The last axis divided by its root mean square, then multiplied by a learned scale.

    Zhang & Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Shape: (batch, ..., n), unchanged.
    """

    keeps: ClassVar = "x"
    along: ClassVar = "last"

    eps: Positive = 1e-6
    """Added to the mean square."""
    scale: bool = True
    """Multiply by a learned number for each entry of the axis."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        return _need_axis(self.kind, x)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (n,)."""
        return _affine(x[-1], scale=self.scale, shift=False)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """1 / root mean square of every row."""
        return {"inverse": Buffer(x[:-1], kept=True)}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays, all axes but the last as rows."""
        k, eps = context.kernels.sample_norm, self.eps
        x_rows, y_rows = _rows(x.value), _rows(y.value)
        scale, inverse = _learned(p, "scale", 1.0, x_rows), s["inverse"].reshape(-1)

        def forward() -> None:
            k.rms_norm(x_rows, scale.value, eps, inverse, y_rows)

        if y.grad is None:
            return Bound(forward)
        dy, dx = _rows(y.grad), _rows(_slope(x))

        def backward() -> None:
            k.rms_norm_backward(x_rows, scale.value, inverse, dy, dx, scale.grad)

        return Bound(forward, backward)


@layer("group_norm")
class GroupNorm(Layer):
    """Groups of channels brought to mean 0 and variance 1 over all places of a sample.

    Then every channel gets a learned scale and shift.  One group is a layer normalization over the
    whole sample.  Wu & He, "Group normalization", ECCV 2018.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = "use layer_norm, which looks at each step on its own"

    groups: PositiveInt
    """How many groups the channels make; neighbours are in one group."""
    eps: Positive = 1e-5
    """Added to the variance."""
    scale: bool = True
    """Multiply every channel by a learned number."""
    shift: bool = True
    """Add a learned number to every channel."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        channels = _need_axis(self.kind, x)[-1]
        if channels % self.groups:
            raise ShapeError(f"group_norm cannot cut {channels} channels into {self.groups} groups")
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (channels,) and shift (channels,)."""
        return _affine(x[-1], scale=self.scale, shift=self.shift)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean and 1 / standard deviation of every group."""
        return {name: Buffer((self.groups,), kept=True) for name in ("mean", "inverse")}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        return _bind_groups(self.eps, x, y, p, s, context)


@layer("instance_norm")
class InstanceNorm(Layer):
    """Every channel of a sample brought to mean 0 and variance 1 over all places.

    Then it gets a learned scale and shift.  Ulyanov, Vedaldi & Lempitsky, "Instance normalization",
    2016.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = "use layer_norm, which looks at each step on its own"

    eps: Positive = 1e-5
    """Added to the variance."""
    scale: bool = True
    """Multiply every channel by a learned number."""
    shift: bool = True
    """Add a learned number to every channel."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if len(x) < 2:
            raise ShapeError(
                f"instance_norm needs (..., channels) with places to average over, got {x}"
            )
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (channels,) and shift (channels,)."""
        return _affine(x[-1], scale=self.scale, shift=self.shift)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean and 1 / standard deviation of every channel."""
        return {name: Buffer(x[-1:], kept=True) for name in ("mean", "inverse")}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays; each channel is a group."""
        return _bind_groups(self.eps, x, y, p, s, context)


def _bind_groups(
    eps: float, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context
) -> Bound:
    """Close over the arrays, all axes between the batch and the channels as one."""
    k, mean, inverse = context.kernels.sample_norm, s["mean"], s["inverse"]
    samples, channels = len(x.value), x.value.shape[-1]

    def flat(array: Array) -> Array:
        return array.reshape(samples, -1, channels)

    x_flat, y_flat = flat(x.value), flat(y.value)
    scale, shift = _learned(p, "scale", 1.0, x_flat), _learned(p, "shift", 0.0, x_flat)

    def forward() -> None:
        k.group_norm(x_flat, scale.value, shift.value, eps, mean, inverse, y_flat)

    if y.grad is None:
        return Bound(forward)
    dy, dx = flat(y.grad), flat(_slope(x))

    def backward() -> None:
        k.group_norm_backward(x_flat, scale.value, mean, inverse, dy, dx, scale.grad, shift.grad)

    return Bound(forward, backward)


def _need_axis(kind: str, x: Shape) -> Shape:
    if not x:
        raise ShapeError(f"{kind} needs (..., n), got a single number")
    return x


def _affine(n: int, *, scale: bool, shift: bool) -> Mapping[str, Parameter]:
    declared = {}
    if scale:
        declared["scale"] = Parameter((n,), Ones(), decay=False)
    if shift:
        declared["shift"] = Parameter((n,), Zeros(), decay=False)
    return declared


def _learned(p: Tensors, name: str, otherwise: float, x: Array) -> Tensor:
    """A learned vector, or a fixed one whose gradient nobody reads."""
    fixed = np.full(x.shape[-1], otherwise, x.dtype)
    return p.get(name) or Tensor(fixed, np.empty_like(fixed))


def _slope(x: Tensor) -> Array:
    """The gradient of x, or memory that stands for it where nothing below learns."""
    return np.empty_like(x.value) if x.grad is None else x.grad


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])
