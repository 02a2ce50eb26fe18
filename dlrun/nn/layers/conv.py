"""Convolution over images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import NonNegativeInt, PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn import kernels
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels.reference.conv import Pads
from dlrun.nn.layer import Bound, Buffer, Context, Layer, Parameter, Tensor, layer, need_image
from dlrun.spec.fields import Pair, pair


@layer("conv")
class Conv(Layer):
    """Cross-correlation with learned filters.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, filters); an output
    axis has floor((length + padding - kernel) / stride) + 1 entries.
    """

    keeps: ClassVar = "x"

    filters: PositiveInt
    """Output channels."""
    kernel: Pair = 3
    """Height and width of a filter."""
    stride: Pair = 1
    """Steps between two places of the filter."""
    padding: Literal["same", "valid"] | NonNegativeInt = "same"
    """Zeros around the image: ``same`` gives ceil(length / stride) outputs, ``valid`` adds none."""
    bias: bool = True
    """Add a learned number to every output channel."""
    initializer: Initializer | None = None
    """First values of the filters; the spec's default where none is named."""

    def pads(self, x: Shape) -> Pads:
        """Zeros (above, below), (left, right) of an image of shape x."""
        if isinstance(self.padding, int):
            return ((self.padding, self.padding), (self.padding, self.padding))
        if self.padding == "valid":
            return ((0, 0), (0, 0))

        def same(length: int, kernel: int, stride: int) -> tuple[int, int]:
            total = max((math.ceil(length / stride) - 1) * stride + kernel - length, 0)
            return (total // 2, total - total // 2)  # the odd one at the far side, as in ONNX

        (height, width), (down, across) = pair(self.kernel), pair(self.stride)
        return (same(x[0], height, down), same(x[1], width, across))

    def output_shape(self, x: Shape) -> Shape:
        """Places of the filter down and across, and the filters."""
        need_image("conv", x)
        lengths = tuple(
            (length + sum(pads) - kernel) // stride + 1
            for length, pads, kernel, stride in zip(
                x[:2], self.pads(x), pair(self.kernel), pair(self.stride), strict=True
            )
        )
        if min(lengths) < 1:
            raise ShapeError(
                f"conv with a kernel of {pair(self.kernel)} does not fit into an image of {x[:2]}"
            )
        return (*lengths, self.filters)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (height, width, channels, filters) and bias (filters,)."""
        height, width = pair(self.kernel)
        area = height * width
        kernel = Parameter(
            (height, width, x[2], self.filters),
            self.initializer,
            fan_in=area * x[2],
            fan_out=area * self.filters,
        )
        bias = Parameter((self.filters,), Zeros(), decay=False)
        return {"kernel": kernel, "bias": bias} if self.bias else {"kernel": kernel}

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """The unrolled windows; backward unrolls again, since keeping them costs more."""
        return {"columns": Buffer((*self.output_shape(x)[:2], *pair(self.kernel), x[2]))}

    def multiply_adds(self, x: Shape) -> int:
        """One for each entry of the filter, at every place."""
        height, width = pair(self.kernel)
        return math.prod(self.output_shape(x)) * height * width * x[2]

    def bind(
        self,
        x: Tensor,
        y: Tensor,
        p: Mapping[str, Tensor],
        s: Mapping[str, Array],
        context: Context,
    ) -> Bound:
        """Close over the arrays; the product is that of a dense layer on the unrolled windows."""
        w, b, columns = p["kernel"], p.get("bias"), s["columns"]
        pads, stride = self.pads(x.value.shape[1:]), pair(self.stride)
        weights = w.value.reshape(-1, self.filters)
        windows = columns.reshape(-1, len(weights))
        y_rows = y.value.reshape(-1, self.filters)

        def forward() -> None:
            kernels.conv.unroll(x.value, stride, pads, columns)
            np.matmul(windows, weights, out=y_rows)
            if b is not None:
                np.add(y_rows, b.value, out=y_rows)

        if y.grad is None:
            return Bound(forward)
        dy = y.grad.reshape(y_rows.shape)
        dw = None if w.grad is None else w.grad.reshape(weights.shape)

        def backward() -> None:
            kernels.conv.unroll(x.value, stride, pads, columns)
            np.matmul(windows.T, dy, out=dw)
            if b is not None:
                np.sum(dy, axis=0, out=b.grad)
            if x.grad is not None:
                np.matmul(dy, weights.T, out=windows)
                kernels.conv.roll_up(columns, stride, pads, x.grad)

        return Bound(forward, backward)
