"""A vocabulary for networks that belongs to no library: each peer builds its own from it.

Shapes are those of one sample, images (height, width, channels), sequences (time, features);
kernels of convolutions are (height, width, channels, filters), those of dense layers (inputs,
units).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Layer:
    """The base; by default a layer keeps the shape and has no parameters."""

    def output_shape(self, x: Shape) -> Shape:
        """Shape of the output."""
        return x

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """Its arrays by name, running statistics included."""
        return {}

    def multiply_adds(self, x: Shape) -> int:
        """Of a sample's forward pass."""
        return 0


@dataclass(frozen=True, slots=True)
class Dense(Layer):
    """Affine map of the last axis, with bias."""

    units: int

    def output_shape(self, x: Shape) -> Shape:
        """The units."""
        return (*x[:-1], self.units)

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """Kernel and bias."""
        return {"kernel": (x[-1], self.units), "bias": (self.units,)}

    def multiply_adds(self, x: Shape) -> int:
        """One per weight."""
        return math.prod(x) * self.units


@dataclass(frozen=True, slots=True)
class Conv(Layer):
    """Convolution with ``kernel // 2`` zeros around the image, without bias.

    Every one of them stands before a batch normalization, which has a shift of its own.
    """

    filters: int
    kernel: int = 3
    stride: int = 1

    def output_shape(self, x: Shape) -> Shape:
        """Positions of the filter, and the filters."""
        height, width = (
            (length + 2 * (self.kernel // 2) - self.kernel) // self.stride + 1 for length in x[:2]
        )
        return (height, width, self.filters)

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """The filters."""
        return {"kernel": (self.kernel, self.kernel, x[2], self.filters)}

    def multiply_adds(self, x: Shape) -> int:
        """One per weight and position."""
        return math.prod(self.output_shape(x)) * self.kernel**2 * x[2]


@dataclass(frozen=True, slots=True)
class BatchNorm(Layer):
    """Batch normalization; a new batch weighs 0.1 in the running statistics, eps is 1e-5."""

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """Scale and shift, running mean and variance."""
        return dict.fromkeys(("scale", "shift", "mean", "variance"), x[-1:])


@dataclass(frozen=True, slots=True)
class ReLU(Layer):
    """max(x, 0)."""


@dataclass(frozen=True, slots=True)
class GELU(Layer):
    """x times the normal distribution function."""


@dataclass(frozen=True, slots=True)
class LayerNorm(Layer):
    """Layer normalization of the last axis; eps is 1e-5."""

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """Scale and shift."""
        return dict.fromkeys(("scale", "shift"), x[-1:])


@dataclass(frozen=True, slots=True)
class LSTM(Layer):
    """The last state; the gates are in the order i, f, g, o and have one bias each."""

    units: int

    def output_shape(self, x: Shape) -> Shape:
        """The units."""
        return (self.units,)

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """Kernels of inputs and of states, and bias."""
        columns = 4 * self.units
        return {
            "kernel": (x[1], columns),
            "recurrent": (self.units, columns),
            "bias": (columns,),
        }

    def multiply_adds(self, x: Shape) -> int:
        """One per weight and step."""
        return x[0] * (x[1] + self.units) * 4 * self.units


@dataclass(frozen=True, slots=True)
class Attention(Layer):
    """Self-attention; queries, keys and values come from one kernel, side by side."""

    heads: int

    def weights(self, x: Shape) -> Mapping[str, Shape]:
        """Both kernels, and their biases."""
        n = x[1]
        return {
            "kernel": (n, 3 * n),
            "output_kernel": (n, n),
            "bias": (3 * n,),
            "output_bias": (n,),
        }

    def multiply_adds(self, x: Shape) -> int:
        """Four kernels at every step, and two multiplications for every pair of steps."""
        return 4 * x[0] * x[1] ** 2 + 2 * x[0] ** 2 * x[1]


@dataclass(frozen=True, slots=True)
class MeanOverTime(Layer):
    """The mean of every feature over the steps."""

    def output_shape(self, x: Shape) -> Shape:
        """The features."""
        return x[1:]


@dataclass(frozen=True, slots=True)
class Dropout(Layer):
    """Zeros with probability ``rate`` while training."""

    rate: float


@dataclass(frozen=True, slots=True)
class MaxPool(Layer):
    """Windows of 2 x 2, side by side."""

    def output_shape(self, x: Shape) -> Shape:
        """Half of it."""
        return (x[0] // 2, x[1] // 2, x[2])


@dataclass(frozen=True, slots=True)
class GlobalAveragePool(Layer):
    """The mean of every channel."""

    def output_shape(self, x: Shape) -> Shape:
        """The channels."""
        return x[2:]


@dataclass(frozen=True, slots=True)
class Flatten(Layer):
    """All axes as one, channels running fastest."""

    def output_shape(self, x: Shape) -> Shape:
        """The product."""
        return (math.prod(x),)


@dataclass(frozen=True, slots=True)
class Residual(Layer):
    """layers(x) + shortcut(x); a shortcut of no layers is x itself."""

    layers: tuple[Layer, ...]
    shortcut: tuple[Layer, ...] = ()

    def output_shape(self, x: Shape) -> Shape:
        """That of the layers."""
        for layer in self.layers:
            x = layer.output_shape(x)
        return x


def walk(layers: tuple[Layer, ...], x: Shape) -> Iterator[tuple[Layer, Shape]]:
    """Every layer with the shape of its input; a residual's branch comes before its shortcut."""
    for layer in layers:
        if isinstance(layer, Residual):
            yield from walk(layer.layers, x)
            yield from walk(layer.shortcut, x)
        else:
            yield layer, x
        x = layer.output_shape(x)
