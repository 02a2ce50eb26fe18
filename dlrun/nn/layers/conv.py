"""Convolution over images and sequences."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.padding import blank
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels.reference.conv import Window
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import (
    Arrays,
    Bound,
    Context,
    Layer,
    Operation,
    Parameter,
    Tensor,
    Tensors,
    layer,
)
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.windows import (
    Padding,
    Two,
    as_image,
    as_images,
    lengths,
    misfit,
    pads,
    places,
    window_steps,
)
from dlrun.nn.parallel.matmul import sum_of_rows
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.spec.fields import Pair, Positive32


class Geometry(NamedTuple):
    """The geometry of a convolution, with sequences as images of one row.

    Attributes:
        kernel: taps of a filter down and across.
        window: its stride, dilation and padding.
        image: (height, width, channels) of the input.
        out: (height, width) of the output.
        groups: number of groups of channels that are convolved separately.
    """

    kernel: Two
    window: Window
    image: tuple[int, int, int]
    out: Two
    groups: int


@layer("conv")
class Conv(Layer):
    """Convolution with learned filters.

    Filters are not flipped, so this is a cross-correlation, as in other frameworks.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, filters), or
    (batch, length, channels) -> (batch, out length, filters); an output axis has
    floor((length + padding - dilation (kernel - 1) - 1) / stride) + 1 entries.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = TIME_FIRST
    rectify: ClassVar[bool] = False

    filters: PositiveInt
    """Output channels."""
    kernel: Pair = 3
    """Height and width of a filter."""
    stride: Pair = 1
    """Pixels from one position of the filter to the next."""
    padding: Padding = "same"
    """Zeros around the image: ``same`` for ceil(length / stride) outputs, ``valid`` for none."""
    dilation: Pair = 1
    """Pixels from one tap of the filter to the next (Yu & Koltun, ICLR 2016)."""
    groups: PositiveInt | Literal["depthwise"] = 1
    """Number of channel groups with separate filters; ``depthwise``: one group per channel."""
    bias: bool = True
    """Add a learned number to every output channel."""
    initializer: Initializer | None = None
    """Initial weights of the filters; by default those of the spec's `initializer`."""

    def geometry(self, x: Shape) -> Geometry:
        """The geometry for samples of shape x.

        Raises:
            ShapeError: the layer cannot use such an input.
        """
        image = as_image(self.kind, x)
        kernel, stride, dilation = (
            lengths(self.kind, value, x) for value in (self.kernel, self.stride, self.dilation)
        )
        # A sequence is one row, which needs no zeros above and below.
        own: list[Padding] = ["valid" if len(x) == 2 else self.padding, self.padding]
        zeros = [
            pads(own[axis], image[axis], kernel[axis], stride[axis], dilation[axis])
            for axis in (0, 1)
        ]
        down, across = (
            places(image[axis], kernel[axis], stride[axis], zeros[axis], dilation[axis])
            for axis in (0, 1)
        )
        if min(down, across) < 1:
            raise misfit(self.kind, "a kernel", kernel, x)
        channels = image[2]
        groups = channels if self.groups == "depthwise" else self.groups
        if channels % groups or self.filters % groups:
            raise ShapeError(
                f"{self.kind} cannot divide {channels} channels and {self.filters} filters "
                f"into {groups} groups"
            )
        window = Window(stride, dilation, (zeros[0][0], zeros[1][0]))
        return Geometry(kernel, window, image, (down, across), groups)

    def output_shape(self, x: Shape) -> Shape:
        """Positions of the filter down and across, and the number of filters."""
        out = self.geometry(x).out
        return (*(out[1:] if len(x) == 2 else out), self.filters)

    def steps(self, x: Shape, axis: int) -> Steps:
        """The steps that the sequence would have without its padding."""
        if axis:
            return super().steps(x, axis)
        g, time = self.geometry(x), int(len(x) == 2)
        stride, dilation, before = (each[time] for each in g.window)
        size = dilation * (g.kernel[time] - 1) + 1
        return window_steps(x, g.out[time], size, stride, before, self.padding)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; padding is read as zeros, like those around the sequence."""
        return graph.add(self, (x if self.kernel == 1 else blank(graph, x, self),))

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (height, width, channels / groups, filters), or without height, and bias."""
        g = self.geometry(x)
        area, depth = math.prod(g.kernel), g.image[2] // g.groups
        kernel = Parameter(
            (*(g.kernel[1:] if len(x) == 2 else g.kernel), depth, self.filters),
            self.initializer,
            fan_in=area * depth,
            fan_out=area * self.filters // g.groups,
            blocks=g.groups,
        )
        bias = Parameter((self.filters,), Zeros(), decay=False)
        return {"kernel": kernel, "bias": bias} if self.bias else {"kernel": kernel}

    def multiply_adds(self, x: Shape) -> int:
        """One for each element of the filters, at every position."""
        g = self.geometry(x)
        return math.prod(g.out) * self.filters * math.prod(g.kernel) * (g.image[2] // g.groups)

    def absorb(self, following: Operation, between: Shape, training: bool) -> Operation | None:
        """In evaluation, absorbs a batch_norm, and a relu after either."""
        if training:
            return None
        fields = {name: getattr(self, name) for name in Conv.model_fields}
        if isinstance(following, ReLU) and not self.rectify:
            return RectifiedConv(**fields)
        if isinstance(following, BatchNorm) and type(self) is Conv:
            return NormalizedConv(**fields, eps=following.eps)
        return None

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, as images."""
        k, g = context.kernels.conv, self.geometry(x.value.shape[1:])
        kernel, bias = parameters["kernel"], parameters.get("bias")
        filters = kernel.value.reshape(*g.kernel, -1, self.filters)
        shift = np.zeros(self.filters, filters.dtype) if bias is None else bias.value
        images, results = as_images(x.value), as_images(y.value)

        def forward() -> None:
            k.correlate(images, filters, shift, results, g.window, g.groups, self.rectify)

        if y.grad is None or kernel.grad is None:
            return Bound(forward)
        dy, dfilters = as_images(y.grad), kernel.grad.reshape(filters.shape)
        dx, db = None if x.grad is None else as_images(x.grad), None if bias is None else bias.grad
        rows = dy.reshape(-1, self.filters)
        add = None if db is None else sum_of_rows(context.kernels, rows, db)

        def backward() -> None:
            if add is not None:
                add()
            k.kernel_gradient(images, dy, dfilters, g.window, g.groups)
            if dx is not None:
                k.input_gradient(dy, filters, dx, g.window, g.groups)

        return Bound(forward, backward)


class RectifiedConv(Conv):
    """A convolution and the relu after it, for evaluation."""

    kind: ClassVar = "conv+relu"
    rectify: ClassVar = True


class NormalizedConv(Conv):
    """A convolution and the batch normalization after it, for evaluation.

    With fixed averages both together are one convolution: every filter times a factor, plus a
    shift.
    """

    kind: ClassVar = "conv+batch_norm"

    eps: Positive32
    """Of the batch normalization: added to the variance."""

    def absorb(self, following: Operation, between: Shape, training: bool) -> Operation | None:
        """Absorbs a relu."""
        if isinstance(following, ReLU) and not self.rectify:
            fields = {name: getattr(self, name) for name in NormalizedConv.model_fields}
            return RectifiedNormalizedConv(**fields)
        return None

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays; the weights may change between two predictions."""
        k, g = context.kernels.conv, self.geometry(x.value.shape[1:])
        kernel, bias = parameters["kernel"].value, parameters.get("bias")
        scale, offset, mean, variance = (
            parameters[name].value for name in ("scale", "shift", "mean", "variance")
        )
        filters, factor, shift = np.empty_like(kernel), np.empty_like(scale), np.empty_like(scale)
        images, results = as_images(x.value), as_images(y.value)
        taps = filters.reshape(*g.kernel, -1, self.filters)

        def forward() -> None:
            np.divide(scale, np.sqrt(variance + self.eps), out=factor)
            np.multiply(kernel, factor, out=filters)
            np.subtract(0 if bias is None else bias.value, mean, out=shift)
            np.multiply(shift, factor, out=shift)
            np.add(shift, offset, out=shift)
            k.correlate(images, taps, shift, results, g.window, g.groups, self.rectify)

        return Bound(forward)


class RectifiedNormalizedConv(NormalizedConv):
    """A convolution, the batch normalization and the relu after it, for evaluation."""

    kind: ClassVar = "conv+batch_norm+relu"
    rectify: ClassVar = True
