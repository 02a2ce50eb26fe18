"""Convolution over images."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import NonNegativeInt, PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels.reference.conv import Pads
from dlrun.nn.layer import (
    Arrays,
    Bound,
    Buffer,
    Context,
    Layer,
    Parameter,
    Tensor,
    Tensors,
    layer,
    need_image,
)
from dlrun.spec.fields import Pair, pair

_BLOCK_BYTES = 256 * 1024
"""What the unrolled windows of a block of images should fit into: a quarter of an L2 cache."""


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
        """The unrolled windows of a block, and the block's share of the kernel's gradient.

        Backward unrolls again: keeping all windows would take nine times the image's memory.
        """
        images, rows = self._block(x)
        places, window = self.output_shape(x)[:2], (*pair(self.kernel), x[2])
        return {
            "columns": Buffer((images, rows, places[1], *window), per_sample=False),
            "partial": Buffer((math.prod(window), self.filters), per_sample=False),
        }

    def _block(self, x: Shape) -> tuple[int, int]:
        """Images in a block, or, where one is too large, rows of its output."""
        height, width, _ = self.output_shape(x)
        row = 4 * width * math.prod(pair(self.kernel)) * x[2]
        if height * row > _BLOCK_BYTES:
            return 1, max(1, _BLOCK_BYTES // row)
        return _BLOCK_BYTES // (height * row), height

    def multiply_adds(self, x: Shape) -> int:
        """One for each entry of the filter, at every place."""
        height, width = pair(self.kernel)
        return math.prod(self.output_shape(x)) * height * width * x[2]

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays; each block of images is a product with its unrolled windows."""
        k, columns, share = context.kernels.conv, s["columns"], s["partial"]
        kernel, bias = p["kernel"], p.get("bias")
        b = None if bias is None else bias.value
        pads, stride = self.pads(x.value.shape[1:]), pair(self.stride)
        weights = kernel.value.reshape(-1, self.filters)
        images, rows = columns.shape[:2]
        blocks = [
            (slice(image, image + images), slice(top, top + rows))
            for image in range(0, len(x.value), images)
            for top in range(0, y.value.shape[1], rows)
        ]

        # One channel is unrolled the other way round; roll_up knows the usual one only.
        plane = x.value.shape[3] == 1 and x.grad is None
        unroll = k.unroll_plane if plane else k.unroll

        def parts(y: Array, image: slice, row: slice) -> tuple[Array, Array, Array]:
            """A block of the output as rows, and the columns for it, as windows and as rows."""
            out = y[image, row]
            count = math.prod(out.shape[:3])
            flat = columns.reshape(-1)[: count * len(weights)]
            if plane:
                windows = flat.reshape(*pair(self.kernel), *out.shape[:3])
                matrix = flat.reshape(len(weights), count).T
            else:
                windows = flat.reshape(*out.shape[:3], *pair(self.kernel), x.value.shape[3])
                matrix = flat.reshape(count, len(weights))
            return out.reshape(-1, self.filters), windows, matrix

        there = [(x.value[i], row.start, *parts(y.value, i, row)) for i, row in blocks]

        def forward() -> None:
            for image, top, out, windows, matrix in there:
                unroll(image, stride, pads, top, windows)
                np.matmul(matrix, weights, out=out)
                if b is not None:
                    np.add(out, b, out=out)

        if y.grad is None or kernel.grad is None:
            return Bound(forward)
        dy, dw, dx = y.grad, kernel.grad.reshape(weights.shape), x.grad
        db = None if bias is None else bias.grad
        slopes = [None if dx is None else dx[i] for i, _ in blocks]
        back = [(x.value[i], row.start, *parts(dy, i, row)) for i, row in blocks]
        dy_rows = dy.reshape(-1, self.filters)
        ones = np.ones(len(dy_rows), dy.dtype)

        def backward() -> None:
            if db is not None:
                np.matmul(ones, dy_rows, out=db)  # a sum over rows, at the speed of BLAS
            if dx is not None:
                dx.fill(0)
            target = dw
            for (image, top, slope, windows, matrix), below in zip(back, slopes, strict=True):
                unroll(image, stride, pads, top, windows)
                np.matmul(matrix.T, slope, out=target)
                if target is share:
                    np.add(dw, share, out=dw)
                target = share
                if below is not None:
                    np.matmul(slope, weights.T, out=matrix)
                    k.roll_up(windows, stride, pads, top, below)

        return Bound(forward, backward)
