"""The networks that are measured, with batch, data and initial weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.layers import (
    GELU,
    LSTM,
    Attention,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePool,
    Layer,
    LayerNorm,
    MaxPool,
    MeanOverTime,
    ReLU,
    Residual,
    Shape,
    walk,
)

Array = NDArray[Any]
Weights = list[Mapping[str, Array]]
"""The arrays of every layer that has any, in the order of ``walk``."""

CLASSES = 10
BATCHES = 16
"""Number of different batches, used in turn."""
LEARNING_RATE = 1e-3
"""Of Adam; betas 0.9 and 0.999, eps 1e-8, in every peer."""


@dataclass(frozen=True, slots=True)
class Work:
    """A network and the shape of its data.

    Attributes:
        name: its name in the tables.
        shape: of a sample.
        layers: from the input to the ten logits of cross entropy.
        batch: samples in a step, or in a prediction.
    """

    name: str
    shape: Shape
    layers: tuple[Layer, ...]
    batch: int

    @property
    def convolutional(self) -> bool:
        """Whether samples are images."""
        return len(self.shape) == 3

    @property
    def sequential(self) -> bool:
        """Whether samples are sequences."""
        return len(self.shape) == 2

    @property
    def has_dropout(self) -> bool:
        """Whether training uses random numbers, so that no two libraries compute the same."""
        return any(isinstance(layer, Dropout) for layer, _ in walk(self.layers, self.shape))

    def without_dropout(self) -> Work:
        """The same network without random numbers."""
        return replace(self, layers=tuple(x for x in self.layers if not isinstance(x, Dropout)))

    def training_flops(self) -> int:
        """Floating-point operations of the matrix multiplications of a step.

        A layer's backward has two products of the size of its forward, but for the first layer,
        whose input needs no gradient.  Elementwise work is left out.
        """
        each = self._multiply_adds()
        return 2 * self.batch * (3 * sum(each) - each[0])

    def prediction_flops(self) -> int:
        """Floating-point operations of the matrix multiplications of a prediction."""
        return 2 * self.batch * sum(self._multiply_adds())

    def _multiply_adds(self) -> list[int]:
        """Those of a sample, of each layer that has any."""
        return [n for layer, x in walk(self.layers, self.shape) if (n := layer.multiply_adds(x))]


def mlp(shape: Shape, widths: tuple[int, ...], batch: int, name: str, norm: bool = False) -> Work:
    """Dense layers with relu, batch normalization between the two if asked for."""
    layers: list[Layer] = []
    for width in widths:
        layers += [Dense(width), BatchNorm(), ReLU()] if norm else [Dense(width), ReLU()]
    return Work(name, shape, (*layers, Dense(CLASSES)), batch)


def _conv(filters: int, kernel: int = 3, stride: int = 1) -> tuple[Layer, ...]:
    return (Conv(filters, kernel, stride), BatchNorm())


def cnn_28(filters: int = 32, depth: int = 1, batch: int = 128, name: str = "cnn-28") -> Work:
    """Two stages of ``depth`` convolutions, the second of twice the filters, and a dense layer."""
    stages = (
        *((*_conv(filters), ReLU()) * depth),
        MaxPool(),
        *((*_conv(2 * filters), ReLU()) * depth),
        MaxPool(),
    )
    head = (Flatten(), Dense(128), ReLU(), Dropout(0.5), Dense(CLASSES))
    return Work(name, (28, 28, 1), (*stages, *head), batch)


def _cnn_8() -> Work:
    layers = (
        *(*_conv(16), ReLU(), *_conv(32), ReLU()),
        *(MaxPool(), Flatten(), Dropout(0.3), Dense(CLASSES)),
    )
    return Work("cnn-8", (8, 8, 1), layers, 64)


def _resnet_8() -> Work:
    """He, Zhang, Ren & Sun, "Deep residual learning", CVPR 2016, section 4.2 with n = 1."""

    def block(filters: int, stride: int) -> tuple[Layer, ...]:
        branch = (*_conv(filters, stride=stride), ReLU(), *_conv(filters))
        shortcut = _conv(filters, kernel=1, stride=stride) if stride > 1 else ()
        return (Residual(branch, shortcut), ReLU())

    stem = (*_conv(16), ReLU())
    blocks = (*block(16, 1), *block(32, 2), *block(64, 2))
    layers = (*stem, *blocks, GlobalAveragePool(), Dense(CLASSES))
    return Work("resnet8", (32, 32, 3), layers, 64)


def _transformer(blocks: int = 2, width: int = 128, heads: int = 4) -> Work:
    """Blocks with their norms in front (Xiong et al., ICML 2020)."""
    block = (
        Residual((LayerNorm(), Attention(heads))),
        Residual((LayerNorm(), Dense(4 * width), GELU(), Dense(width))),
    )
    layers = (*(block * blocks), LayerNorm(), MeanOverTime(), Dense(CLASSES))
    return Work("transformer", (64, width), layers, 32)


WORKS = (
    mlp((64,), (128, 64), batch=64, name="mlp-small"),
    mlp((784,), (512, 512), batch=128, name="mlp-bn", norm=True),
    cnn_28(),
    _cnn_8(),
    _resnet_8(),
    Work("lstm", (50, 32), (LSTM(128), Dense(CLASSES)), 64),
    _transformer(),
)


def first_weights(work: Work) -> Weights:
    """Normal kernels, neutral values for everything else; always the same.

    Their variance is 2 / fan-in (He et al. 2015), half of that if no relu follows.
    """
    random = np.random.default_rng(0)

    def fill(name: str, shape: Shape) -> Array:
        if name in ("kernel", "recurrent", "output_kernel"):
            gain = 2 if name == "kernel" else 1
            values = random.normal(0.0, math.sqrt(gain / math.prod(shape[:-1])), shape)
        else:
            values = np.full(shape, 1.0 if name in ("scale", "variance") else 0.0)
        return values.astype(np.float32)

    declared = (layer.weights(x) for layer, x in walk(work.layers, work.shape))
    return [{name: fill(name, shape) for name, shape in each.items()} for each in declared if each]


def samples(work: Work) -> tuple[Array, Array]:
    """Data for ``BATCHES`` batches: inputs (n, *shape) float32 and classes (n,) int64.

    Networks of 64 inputs use scikit-learn's digits; the others use images of ten blurred patterns
    with noise, or sequences of noise around one of ten means.  Both can be
    learned, and need no download.
    """
    count = BATCHES * work.batch
    if math.prod(work.shape) == 64:
        from sklearn.datasets import load_digits

        pixels, classes = load_digits(return_X_y=True)
        rows = np.arange(count) % len(pixels)
        inputs = ((pixels[rows] - 4.9) / 6.0).reshape(count, *work.shape)
        return inputs.astype(np.float32), classes[rows].astype(np.int64)
    random = np.random.default_rng(1)
    if work.sequential:
        means = random.normal(0.0, 0.5, (CLASSES, 1, work.shape[1]))
        classes = random.integers(CLASSES, size=count)
        inputs = means[classes] + random.normal(0.0, 1.0, (count, *work.shape))
        return inputs.astype(np.float32), classes
    height, width, channels = work.shape if work.convolutional else (28, 28, 1)
    coarse = random.normal(0.0, 1.0, (CLASSES, 4, 4, channels))
    patterns = coarse.repeat(height // 4, axis=1).repeat(width // 4, axis=2)
    classes = random.integers(CLASSES, size=count)
    inputs = patterns[classes].reshape(count, *work.shape)
    inputs += random.normal(0.0, 0.5, inputs.shape)
    return inputs.astype(np.float32), classes
