"""Enlarging of images by interpolation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.layers.base import Arrays, Bound, Buffer, Context, Layer, Tensor, Tensors, layer
from dlrun.nn.layers.windows import as_image, as_images, lengths
from dlrun.nn.steps import Steps, repeated
from dlrun.spec.fields import Pair


@layer("upsample")
class Upsample(Layer):
    """Repeats every pixel, or interpolates between the nearest four.

    Pixels are areas, not points: pixel i of the output is at (i + 1/2) / size - 1/2 of the input,
    clipped at the edges, as with ``align_corners=False`` in PyTorch.

    Shape: (batch, height, width, channels) -> (batch, height size, width size, channels), or
    (batch, length, channels) -> (batch, length size, channels).
    """

    padding_advice: ClassVar = "use mode: nearest, with the time axis first"

    size: Pair = 2
    """Factors on height and width."""
    mode: Literal["nearest", "linear"] = "nearest"
    """Repeat pixels, or interpolate linearly along each axis."""

    def output_shape(self, x: Shape) -> Shape:
        """Both lengths multiplied by the size."""
        height, width, channels = as_image(self.kind, x)
        down, across = lengths(self.kind, self.size, x)
        return (
            (width * across, channels) if len(x) == 2 else (height * down, width * across, channels)
        )

    def steps(self, x: Shape, axis: int) -> Steps:
        """Each step is repeated; interpolation would mix the last one with padding."""
        times = lengths(self.kind, self.size, x)[len(x) == 2]
        if axis or (times > 1 and self.mode == "linear"):
            return super().steps(x, axis)
        return Steps(spans=repeated(x[0], times)) if times > 1 else Steps()

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Images that are enlarged vertically only, or their gradients."""
        height, width, channels = as_image(self.kind, x)
        down, _ = lengths(self.kind, self.size, x)
        return {"tall": Buffer((height * down, width, channels))}

    def needed_gain(self) -> None:
        """That of the next layer."""

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays: one matrix multiplication for each of the two axes."""
        images, results, tall = as_images(x.value), as_images(y.value), scratch["tall"]
        size = lengths(self.kind, self.size, x.value.shape[1:])
        rows, columns = (
            _stretching(length, by, self.mode).astype(images.dtype)
            for length, by in zip(images.shape[1:3], size, strict=True)
        )
        flat, flat_tall = _lines(images), _lines(tall)

        def forward() -> None:
            np.matmul(rows, flat, out=flat_tall)
            np.matmul(columns, tall, out=results)

        if y.grad is None or x.grad is None:
            return Bound(forward)
        dy, dx = as_images(y.grad), _lines(as_images(x.grad))

        def backward() -> None:
            np.matmul(columns.T, dy, out=tall)
            np.matmul(rows.T, flat_tall, out=dx)

        return Bound(forward, backward)


def _lines(x: Array) -> Array:
    """Images with a row as one axis: (n, height, width channels)."""
    return x.reshape(*x.shape[:2], -1)


def _stretching(length: int, by: int, mode: str) -> Array:
    """The weight of each of ``length`` pixels in each of ``length by``."""
    places = np.arange(length * by)
    matrix = np.zeros((len(places), length))
    if mode == "nearest":
        matrix[places, places // by] = 1.0
        return matrix
    at = np.clip((places + 0.5) / by - 0.5, 0.0, length - 1.0)
    first = np.minimum(at.astype(np.int64), max(length - 2, 0))
    rest = at - first
    matrix[places, first] = 1.0 - rest
    if length > 1:
        matrix[places, first + 1] += rest
    return matrix
