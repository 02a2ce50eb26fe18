"""Transposed convolution, which enlarges images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.padding import blank
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels.reference.conv import Window
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Parameter, Tensor, Tensors, layer
from dlrun.nn.layers.conv import Geometry
from dlrun.nn.layers.windows import Padding, as_image, as_images, lengths, pads
from dlrun.nn.parallel.matmul import sum_of_rows
from dlrun.nn.steps import TIME_FIRST, Steps, stretched
from dlrun.spec.fields import Pair


@layer("conv_transpose")
class ConvTranspose(Layer):
    """Transposed convolution: every pixel is multiplied by a filter and added to the output.

    Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, filters), or
    (batch, length, channels) -> (batch, out length, filters); an output axis has length x stride
    entries with ``same``, else (length - 1) stride + dilation (kernel - 1) + 1 - 2 padding.
    """

    keeps: ClassVar = "x"
    padding_advice: ClassVar = TIME_FIRST

    filters: PositiveInt
    """Output channels."""
    kernel: Pair = 3
    """Height and width of a filter."""
    stride: Pair = 2
    """Pixels of the output per pixel of the input."""
    padding: Padding = "same"
    """Pixels cut off around the output: ``same`` leaves length x stride, ``valid`` cuts none."""
    dilation: Pair = 1
    """Pixels from one tap of the filter to the next."""
    bias: bool = True
    """Add a learned number to every output channel."""
    initializer: Initializer | None = None
    """Initial weights of the filters; by default those of the spec's `initializer`."""

    def geometry(self, x: Shape) -> Geometry:
        """The geometry of the convolution from the output to the input.

        Raises:
            ShapeError: the layer cannot use such an input.
        """
        image = as_image(self.kind, x)
        kernel, stride, dilation = (
            lengths(self.kind, value, x) for value in (self.kernel, self.stride, self.dilation)
        )
        out, before = [], []
        for axis in (0, 1):
            padding: Padding = "valid" if axis == 0 and len(x) == 2 else self.padding
            whole = (image[axis] - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis] + 1
            length = image[axis] * stride[axis] if padding == "same" else whole
            zeros = pads(padding, length, kernel[axis], stride[axis], dilation[axis])
            before.append(zeros[0])
            out.append(length if padding == "same" else whole - sum(zeros))
        if min(out) < 1:
            raise ShapeError(f"{self.kind} with a padding of {self.padding} has no output for {x}")
        window = Window(stride, dilation, (before[0], before[1]))
        return Geometry(kernel, window, (out[0], out[1], self.filters), image[:2], 1)

    def output_shape(self, x: Shape) -> Shape:
        """Larger by the stride."""
        image = self.geometry(x).image
        return image[1:] if len(x) == 2 else image

    def steps(self, x: Shape, axis: int) -> Steps:
        """The steps that the sequence would have without its padding."""
        if axis:
            return super().steps(x, axis)
        g, time = self.geometry(x), int(len(x) == 2)
        stride, dilation, before = (each[time] for each in g.window)
        surplus = dilation * (g.kernel[time] - 1) + 1 - 2 * before
        spans = stretched(
            x[0], g.image[time], stride, stride if self.padding == "same" else surplus
        )
        return Steps(spans=spans)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; padding is read as zeros, so it adds nothing to the output."""
        return graph.add(self, (blank(graph, x, self),))

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (height, width, filters, channels), or without height, and bias (filters,)."""
        g = self.geometry(x)
        kernel, area = g.kernel, math.prod(g.kernel)
        # Taps of the filter that contribute to a pixel of the output, on average.
        reached = math.prod(
            max(1.0, length / stride)
            for length, stride in zip(kernel, g.window.stride, strict=True)
        )
        filters = Parameter(
            (*(kernel[1:] if len(x) == 2 else kernel), self.filters, x[-1]),
            self.initializer,
            fan_in=reached * x[-1],
            fan_out=area * self.filters,
        )
        bias = Parameter((self.filters,), Zeros(), decay=False)
        return {"kernel": filters, "bias": bias} if self.bias else {"kernel": filters}

    def multiply_adds(self, x: Shape) -> int:
        """One for each element of the filters, at every pixel of the input."""
        return math.prod(x) * self.filters * math.prod(self.geometry(x).kernel)

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays: forward is the backward of a convolution, and vice versa."""
        k, g = context.kernels.conv, self.geometry(x.value.shape[1:])
        kernel, bias = parameters["kernel"], parameters.get("bias")
        filters = kernel.value.reshape(*g.kernel, self.filters, -1)
        images, results = as_images(x.value), as_images(y.value)

        def forward() -> None:
            k.input_gradient(images, filters, results, g.window, g.groups)
            if bias is not None:
                np.add(results, bias.value, out=results)

        if y.grad is None or kernel.grad is None:
            return Bound(forward)
        dy, dfilters = as_images(y.grad), kernel.grad.reshape(filters.shape)
        dx, db = None if x.grad is None else as_images(x.grad), None if bias is None else bias.grad
        rows, zeros = dy.reshape(-1, self.filters), np.zeros(images.shape[3], dy.dtype)
        add = None if db is None else sum_of_rows(context.kernels, rows, db)

        def backward() -> None:
            if add is not None:
                add()
            k.kernel_gradient(dy, images, dfilters, g.window, g.groups)
            if dx is not None:
                k.correlate(dy, filters, zeros, dx, g.window, g.groups, False)

        return Bound(forward, backward)
