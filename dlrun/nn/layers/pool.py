"""Pooling: fewer pixels."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.layer import Arrays, Bound, Buffer, Context, Layer, Tensor, Tensors, layer, need_image
from dlrun.spec.fields import Pair, pair


class _Pool(Layer):
    """The geometry that both pools share."""

    size: Pair = 2
    """Height and width of a window."""
    stride: Pair | None = None
    """Steps between two windows; the window's size where none is given."""

    def geometry(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Size and stride."""
        return pair(self.size), pair(self.size if self.stride is None else self.stride)

    def needed_gain(self) -> None:
        """That of the layer behind: pooling and an activation may stand in either order."""

    def output_shape(self, x: Shape) -> Shape:
        """Windows down and across; a remainder at the far edge is left out."""
        need_image(self.kind, x)
        size, stride = self.geometry()
        height, width = ((x[i] - size[i]) // stride[i] + 1 for i in (0, 1))
        if min(height, width) < 1:
            raise ShapeError(
                f"{self.kind} with windows of {size} does not fit into an image of {x[:2]}"
            )
        return (height, width, x[2])


@layer("max_pool")
class MaxPool(_Pool):
    """The largest of every window.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, channels).
    """

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Which pixel of each window was the largest."""
        height, width = pair(self.size)
        dtype = "uint8" if height * width <= 256 else "int32"
        return {"where": Buffer(self.output_shape(x), dtype, kept=True)}

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        k, where = context.kernels.pool, s["where"]
        size, stride = self.geometry()

        def forward() -> None:
            k.max_pool(x.value, y.value, where, size, stride)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: k.max_pool_backward(dy, where, dx, size, stride))


@layer("average_pool")
class AveragePool(_Pool):
    """The mean of every window.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, channels).
    """

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        k = context.kernels.pool
        size, stride = self.geometry()

        def forward() -> None:
            k.average_pool(x.value, y.value, size, stride)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: k.average_pool_backward(dy, dx, size, stride))


@layer("global_average_pool")
class GlobalAveragePool(Layer):
    """The mean of every channel (Lin, Chen & Yan, "Network in network", ICLR 2014).

    Shape: (batch, height, width, channels) -> (batch, channels).
    """

    def output_shape(self, x: Shape) -> Shape:
        """The channels."""
        need_image("global_average_pool", x)
        return (x[2],)

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays."""
        _, height, width, _ = x.value.shape

        def forward() -> None:
            np.mean(x.value, axis=(1, 2), out=y.value)

        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)

        def backward() -> None:
            np.divide(dy[:, None, None, :], height * width, out=dx)

        return Bound(forward, backward)
