"""Pooling over windows, and over whole images or sequences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.padding import Fill, Rescaled, blank, rescaled
from dlrun.nn.layers.base import Arrays, Bound, Buffer, Context, Layer, Tensor, Tensors, layer
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
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.spec.fields import Pair


class Windows(NamedTuple):
    """The geometry of a pooling, with sequences as images of one row.

    Attributes:
        size: of a window; this and the others are (down, across).
        stride: between two windows.
        before: pixels of the first window above and left of the image.
        after: pixels of the last window below and right of it.
        out: number of windows.
    """

    size: Two
    stride: Two
    before: Two
    after: Two
    out: Two


class _Pool(Layer):
    """The base of both poolings over windows."""

    padding_advice: ClassVar = TIME_FIRST
    fill: ClassVar[Fill] = "zero"

    size: Pair = 2
    """Height and width of a window."""
    stride: Pair | None = None
    """Pixels from one window to the next; null is the size of a window."""
    padding: Padding = "valid"
    """Pixels by which windows may extend over the edges; these are left out of the result."""

    def windows(self, x: Shape) -> Windows:
        """The geometry for samples of shape x.

        Raises:
            ShapeError: the layer cannot use such an input.
        """
        image = as_image(self.kind, x)
        size = lengths(self.kind, self.size, x)
        stride = lengths(self.kind, self.size if self.stride is None else self.stride, x)
        # A sequence is one row, so windows do not extend over its upper and lower edge.
        own: list[Padding] = ["valid" if len(x) == 2 else self.padding, self.padding]
        zeros = [pads(own[axis], image[axis], size[axis], stride[axis]) for axis in (0, 1)]
        down, across = (
            places(image[axis], size[axis], stride[axis], zeros[axis]) for axis in (0, 1)
        )
        if min(down, across) < 1:
            raise misfit(self.kind, "windows", size, x)
        if isinstance(self.padding, int) and self.padding >= min(size[len(x) == 2 :]):
            raise ShapeError(f"{self.kind} has windows that contain only padding")
        before, after = zip(*zeros, strict=True)
        return Windows(size, stride, before, after, (down, across))

    def needed_gain(self) -> None:
        """That of the next layer: pooling may come before or after an activation."""

    def output_shape(self, x: Shape) -> Shape:
        """Number of windows down and across; a remainder at the far edge is left out."""
        out = self.windows(x).out
        return (*(out[1:] if len(x) == 2 else out), x[-1])

    def steps(self, x: Shape, axis: int) -> Steps:
        """The steps that the sequence would have without its padding."""
        if axis:
            return super().steps(x, axis)
        w, time = self.windows(x), int(len(x) == 2)
        out, size, stride, before = w.out[time], w.size[time], w.stride[time], w.before[time]
        return window_steps(x, out, size, stride, before, self.padding)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; padding is left out, like pixels outside the image."""
        y = graph.add(self, (blank(graph, x, self, self.fill),))
        if x.mask is None or not y.shape:
            return y
        w, time = self.windows(x.shape), int(len(x.shape) == 2)
        starts = range(-w.before[time], w.out[time] * w.stride[time], w.stride[time])
        reach = tuple(
            (max(start, 0), min(start + w.size[time], x.shape[0]) - 1)
            for start in starts[: w.out[time]]
        )
        return rescaled(graph, x, y, self, Rescaled(reach=reach, mean=self.fill == "zero"))


@layer("max_pool")
class MaxPool(_Pool):
    """Maximum of every window.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, channels), or
    (batch, length, channels) -> (batch, out length, channels).
    """

    fill: ClassVar = "lowest"

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """The position of the largest pixel in each window."""
        height, width = lengths(self.kind, self.size, x)
        dtype = "uint8" if height * width <= 256 else "int32"
        return {"where": Buffer(self.output_shape(x), dtype, kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, as images."""
        k, w = context.kernels.pool, self.windows(x.value.shape[1:])
        where = as_images(scratch["where"])
        geometry = w.size, w.stride, w.before
        images, results = as_images(x.value), as_images(y.value)

        def forward() -> None:
            k.max_pool(images, results, where, *geometry)

        if y.grad is None or x.grad is None:
            return Bound(forward)
        dy, dx = as_images(y.grad), as_images(x.grad)
        return Bound(forward, lambda: k.max_pool_backward(dy, where, dx, *geometry))


@layer("average_pool")
class AveragePool(_Pool):
    """Mean of every window, over the pixels inside the image.

    Shape: (batch, height, width, channels) -> (batch, out height, out width, channels), or
    (batch, length, channels) -> (batch, out length, channels).
    """

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, as images."""
        k, w = context.kernels.pool, self.windows(x.value.shape[1:])
        geometry = w.size, w.stride, w.before
        images, results = as_images(x.value), as_images(y.value)

        def forward() -> None:
            k.average_pool(images, results, *geometry)

        if y.grad is None or x.grad is None:
            return Bound(forward)
        dy, dx = as_images(y.grad), as_images(x.grad)
        return Bound(forward, lambda: k.average_pool_backward(dy, dx, *geometry))


class _GlobalPool(Layer):
    """The base of both poolings over the whole image or sequence."""

    padding_advice: ClassVar = TIME_FIRST
    fill: ClassVar[Fill] = "zero"

    def output_shape(self, x: Shape) -> Shape:
        """The channels."""
        return as_image(self.kind, x)[2:]

    def steps(self, x: Shape, axis: int) -> Steps:
        """The time axis ends, and padding is left out."""
        return super().steps(x, axis) if axis else Steps(None)

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer; padding is left out, and a sequence of padding only becomes 0."""
        y = graph.add(self, (blank(graph, x, self, self.fill),))
        if x.mask is None or not y.shape:
            return y
        node = Rescaled(reach=((0, x.shape[0] - 1),), mean=self.fill == "zero", whole=True)
        return rescaled(graph, x, y, self, node)


@layer("global_average_pool")
class GlobalAveragePool(_GlobalPool):
    """Mean of every channel (Lin, Chen & Yan, "Network in network", ICLR 2014).

    Shape: (batch, height, width, channels) or (batch, length, channels) -> (batch, channels).
    """

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all pixels as one axis."""
        pixels = _pixels(x.value)

        def forward() -> None:
            np.mean(pixels, axis=1, out=y.value)

        dy = y.grad
        if dy is None or x.grad is None:
            return Bound(forward)
        dx = _pixels(x.grad)

        def backward() -> None:
            np.divide(dy[:, None], pixels.shape[1], out=dx)

        return Bound(forward, backward)


@layer("global_max_pool")
class GlobalMaxPool(_GlobalPool):
    """Maximum of every channel.

    Shape: (batch, height, width, channels) or (batch, length, channels) -> (batch, channels).
    """

    fill: ClassVar = "lowest"

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """The position of the largest pixel in each channel."""
        return {"where": Buffer(self.output_shape(x), "int64", kept=True)}

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, all pixels as one axis."""
        pixels, where = _pixels(x.value), scratch["where"]

        def forward() -> None:
            np.argmax(pixels, axis=1, out=where)  # NaN counts as largest
            y.value[...] = np.take_along_axis(pixels, where[:, None], axis=1)[:, 0]

        dy = y.grad
        if dy is None or x.grad is None:
            return Bound(forward)
        dx = _pixels(x.grad)

        def backward() -> None:
            dx.fill(0)
            np.put_along_axis(dx, where[:, None], dy[:, None], axis=1)

        return Bound(forward, backward)


def _pixels(x: Array) -> Array:
    return x.reshape(len(x), -1, x.shape[-1])
