"""Normalization within a sample, independent of the rest of the batch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layers.base import (
    Arrays,
    Bound,
    Buffer,
    Context,
    Layer,
    Parameter,
    Tensor,
    Tensors,
    layer,
)
from dlrun.spec.fields import Positive32


@layer("layer_norm")
class LayerNorm(Layer):
    """Normalizes the last axis, then applies a learned scale and shift.

    Every position of a sample gets mean 0 and variance 1, in training as in evaluation.
    Ba, Kiros & Hinton, "Layer normalization", 2016.

    Shape: (batch, ..., n), unchanged.
    """

    keeps: ClassVar = "x"
    along: ClassVar = "last"

    eps: Positive32 = 1e-5
    """Added to the variance."""
    scale: bool = True
    """Multiply each element of the axis by a learned factor."""
    shift: bool = True
    """Add a learned number to each element of the axis."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        return _need_axis(self.kind, x)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (n,) and shift (n,)."""
        return _affine(x[-1], scale=self.scale, shift=self.shift)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean and 1 / standard deviation of every row."""
        return {name: Buffer(x[:-1], kept=True) for name in ("mean", "inverse")}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all axes except the last as rows."""
        k, eps = context.kernels.sample_norm, self.eps
        x_rows, y_rows = _rows(x.value), _rows(y.value)
        scale = _learned(parameters, "scale", 1.0, x_rows)
        shift = _learned(parameters, "shift", 0.0, x_rows)
        mean, inverse = scratch["mean"].reshape(-1), scratch["inverse"].reshape(-1)

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
    """Divides the last axis by its root mean square, then multiplies by a learned scale.

    Zhang & Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Shape: (batch, ..., n), unchanged.
    """

    keeps: ClassVar = "x"
    along: ClassVar = "last"

    eps: Positive32 = 1e-6
    """Added to the mean square."""
    scale: bool = True
    """Multiply each element of the axis by a learned factor."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        return _need_axis(self.kind, x)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (n,)."""
        return _affine(x[-1], scale=self.scale, shift=False)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """1 / root mean square of every row."""
        return {"inverse": Buffer(x[:-1], kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all axes except the last as rows."""
        k, eps = context.kernels.sample_norm, self.eps
        x_rows, y_rows = _rows(x.value), _rows(y.value)
        scale, inverse = _learned(parameters, "scale", 1.0, x_rows), scratch["inverse"].reshape(-1)

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
    """Normalizes groups of channels to mean 0 and variance 1 over all positions of a sample.

    Then applies a learned scale and shift to every channel.  With one group it is a layer
    normalization over the whole sample.  Wu & He, "Group normalization", ECCV 2018.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = "use layer_norm, which normalizes each step separately"

    groups: PositiveInt
    """Number of groups of neighbouring channels."""
    eps: Positive32 = 1e-5
    """Added to the variance."""
    scale: bool = True
    """Multiply every channel by a learned factor."""
    shift: bool = True
    """Add a learned number to every channel."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        channels = _need_axis(self.kind, x)[-1]
        if channels % self.groups:
            raise ShapeError(
                f"group_norm cannot divide {channels} channels into {self.groups} groups"
            )
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (channels,) and shift (channels,)."""
        return _affine(x[-1], scale=self.scale, shift=self.shift)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean and 1 / standard deviation of every group."""
        return {name: Buffer((self.groups,), kept=True) for name in ("mean", "inverse")}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays."""
        return _bind_groups(self.eps, x, y, parameters, scratch, context)


@layer("instance_norm")
class InstanceNorm(Layer):
    """Normalizes every channel of a sample to mean 0 and variance 1 over all positions.

    Then applies a learned scale and shift.  Ulyanov, Vedaldi & Lempitsky, "Instance normalization",
    2016.

    Shape: (batch, ..., channels), unchanged.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = "use layer_norm, which normalizes each step separately"

    eps: Positive32 = 1e-5
    """Added to the variance."""
    scale: bool = True
    """Multiply every channel by a learned factor."""
    shift: bool = True
    """Add a learned number to every channel."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if len(x) < 2:
            raise ShapeError(
                f"instance_norm needs (..., channels) with at least one more axis, got {x}"
            )
        return x

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Scale (channels,) and shift (channels,)."""
        return _affine(x[-1], scale=self.scale, shift=self.shift)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Mean and 1 / standard deviation of every channel."""
        return {name: Buffer(x[-1:], kept=True) for name in ("mean", "inverse")}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays; each channel is a group."""
        return _bind_groups(self.eps, x, y, parameters, scratch, context)


def _bind_groups(
    eps: float, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
) -> Bound:
    """Close over the arrays, all axes between the batch and the channels as one."""
    k, mean, inverse = context.kernels.sample_norm, scratch["mean"], scratch["inverse"]
    samples, channels = len(x.value), x.value.shape[-1]

    def flat(array: Array) -> Array:
        return array.reshape(samples, -1, channels)

    x_flat, y_flat = flat(x.value), flat(y.value)
    scale = _learned(parameters, "scale", 1.0, x_flat)
    shift = _learned(parameters, "shift", 0.0, x_flat)

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


def _learned(parameters: Tensors, name: str, otherwise: float, x: Array) -> Tensor:
    """A learned vector, or a constant one whose gradient is not used."""
    fixed = np.full(x.shape[-1], otherwise, x.dtype)
    return parameters.get(name) or Tensor(fixed, np.empty_like(fixed))


def _slope(x: Tensor) -> Array:
    """The gradient of x, or unused memory if it is not needed."""
    return np.empty_like(x.value) if x.grad is None else x.grad


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])
