"""One table of layers that drives every test that all layers must pass."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layers.activations import (
    ELU,
    GELU,
    SELU,
    HardSwish,
    LeakyReLU,
    Mish,
    ReLU,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import (
    Arrays,
    Bound,
    Buffer,
    Clock,
    Context,
    Layer,
    Meeting,
    Parameter,
    Tensor,
    Tensors,
)
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.conv_transpose import ConvTranspose
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout, SpatialDropout
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.gaussian_noise import GaussianNoise
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.over_time import LastStep, MaxOverTime, MeanOverTime
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.pool import AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from dlrun.nn.layers.positions import PositionalEmbedding, PositionalEncoding
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.recurrent import Recurrent
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.nn.layers.upsample import Upsample
from dlrun.nn.parallel.threads import chain
from dlrun.rng import Stream, generator

BATCH = 5

# Valid steps: all, some, one, none, and a gap; of sequences of at most 6 steps.
MASK = np.array(
    [[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0] * 6, [1, 0, 1, 0, 1, 0]]
)


class Masked(Layer):
    """A layer whose input has a mask."""

    inner: Layer
    mask: Any = MASK

    @property
    def kind(self) -> str:
        return self.inner.kind

    @property
    def keeps(self) -> str:
        return self.inner.keeps

    def output_shape(self, x: Shape) -> Shape:
        return self.inner.output_shape(x)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        return self.inner.parameters(x)

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        return self.inner.scratch(x)

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        rows, steps = x.value.shape[:2]
        mask = self.mask[:rows, :steps].astype(x.value.dtype)
        return self.inner.bind(x, y, p, s, replace(context, mask=mask))


def recurrent(kind: type[Recurrent]) -> list[tuple[Layer, tuple[int, ...]]]:
    return [
        (kind(units=3), (4, 2)),
        (kind(units=3), (1, 2)),
        (kind(units=1, output="sequence"), (5, 1)),
        (kind(units=3, output="sequence", clip=1e3), (1, 2)),
        (kind(units=2, bidirectional=True), (4, 3)),
        (kind(units=3, bidirectional=True, output="sequence"), (4, 2)),
        (Masked(inner=kind(units=3)), (6, 2)),
        (Masked(inner=kind(units=2, bidirectional=True)), (6, 2)),
        (Masked(inner=kind(units=2, bidirectional=True, output="sequence")), (6, 3)),
        (Masked(inner=kind(units=2, output="sequence")), (1, 3)),
    ]


# Every layer that computes something, over the shapes and settings that take other paths.
CASES: list[tuple[Layer, tuple[int, ...]]] = [
    (Dense(units=4), (7,)),
    (Dense(units=1), (1,)),
    (Dense(units=4, bias=False), (3, 7)),
    (Conv(filters=3), (5, 6, 2)),
    (Conv(filters=3, kernel=(3, 2), stride=2), (7, 6, 2)),
    (Conv(filters=2, kernel=2, padding="same", stride=(2, 1)), (5, 4, 3)),
    (Conv(filters=2, kernel=3, padding="valid", bias=False), (5, 6, 1)),
    (Conv(filters=4, kernel=1, stride=2), (5, 5, 2)),
    (Conv(filters=2, kernel=3, padding=2, stride=3), (4, 5, 2)),
    (Conv(filters=4, kernel=(3, 2), dilation=(1, 2), stride=(2, 1)), (6, 7, 2)),
    (Conv(filters=6, kernel=3, groups=2), (4, 5, 4)),
    (Conv(filters=4, kernel=3, groups="depthwise", stride=2), (5, 4, 4)),
    (Conv(filters=8, kernel=2, groups="depthwise", bias=False), (3, 4, 4)),
    (Conv(filters=3), (7, 2)),
    (Conv(filters=4, kernel=4, stride=2, padding=2, dilation=2, groups=2), (11, 6)),
    (ConvTranspose(filters=3), (3, 4, 2)),
    (ConvTranspose(filters=2, kernel=(2, 3), stride=(2, 3), padding="valid"), (3, 2, 3)),
    (ConvTranspose(filters=2, kernel=4, padding=1, bias=False), (3, 2, 2)),
    (ConvTranspose(filters=14, stride=1), (4, 5, 13)),
    (ConvTranspose(filters=2, kernel=3, dilation=2, padding="valid"), (4, 3)),
    (Upsample(), (3, 2, 2)),
    (Upsample(size=(1, 3), mode="linear"), (3, 4, 2)),
    (Upsample(size=3, mode="linear"), (5, 2)),
    (MaxPool(), (4, 6, 3)),
    (MaxPool(size=(3, 2), stride=1), (5, 5, 2)),
    (MaxPool(size=2, stride=3), (7, 6, 1)),
    (AveragePool(), (5, 4, 3)),
    (AveragePool(size=3, stride=2), (7, 6, 2)),
    (MaxPool(size=3, stride=2, padding="same"), (5, 6, 2)),
    (MaxPool(size=2, padding=1), (7, 3)),
    (AveragePool(size=3, stride=1, padding="same"), (4, 5, 2)),
    (AveragePool(size=3), (7, 2)),
    (GlobalAveragePool(), (3, 4, 5)),
    (GlobalAveragePool(), (6, 2)),
    (GlobalMaxPool(), (3, 4, 5)),
    (GlobalMaxPool(), (6, 2)),
    (BatchNorm(), (6,)),
    (BatchNorm(momentum=0.3, eps=1e-3), (3, 4, 2)),
    (BatchNorm(frozen=True), (6,)),
    (BatchNorm(frozen=True, eps=0.1), (3, 4, 2)),
    (Dropout(rate=0.4), (9,)),
    (Dropout(rate=0.0), (2, 3)),
    (SpatialDropout(rate=0.4), (3, 2, 4)),
    (SpatialDropout(rate=0.2), (7, 5)),
    (GaussianNoise(), (9,)),
    (GaussianNoise(std=2.0), (3, 2)),
    (Permute(axes=(1, 0)), (3, 4)),
    (Permute(axes=(2, 0, 1)), (3, 2, 4)),
    (Permute(axes=(0,)), (3,)),
    (ReLU(), (3, 4)),
    (LeakyReLU(negative_slope=0.2), (9,)),
    (ELU(alpha=1.3), (9,)),
    (SELU(), (9,)),
    (PReLU(), (9,)),
    (PReLU(start=-0.3), (3, 2, 4)),
    (GELU(), (9,)),
    (GELU(approximate="tanh"), (9,)),
    (SiLU(), (9,)),
    (Mish(), (3, 3)),
    (HardSwish(), (30,)),
    (Softmax(), (9,)),
    (Softmax(), (3, 4)),
    (LayerNorm(), (9,)),
    (LayerNorm(eps=0.1, scale=False), (3, 4)),
    (LayerNorm(shift=False), (2, 3, 4)),
    (LayerNorm(scale=False, shift=False), (4,)),
    (RMSNorm(), (9,)),
    (RMSNorm(eps=0.1, scale=False), (3, 4)),
    (GroupNorm(groups=2), (6,)),
    (GroupNorm(groups=3), (3, 2, 6)),
    (GroupNorm(groups=1, eps=0.1, shift=False), (3, 4)),
    (InstanceNorm(), (3, 4, 2)),
    (InstanceNorm(scale=False, shift=False), (7, 3)),
    (Tanh(), (9,)),
    (Sigmoid(), (9,)),
    (Softplus(), (9,)),
    (Embedding(units=3, tokens=7), (4,)),
    (Embedding(units=2, tokens=5, padding=2), (2, 3)),
    (Embedding(units=2, tokens=1), ()),
    *recurrent(RNN),
    (RNN(units=3, activation="relu"), (4, 2)),
    (Masked(inner=RNN(units=3, activation="relu", output="sequence")), (4, 2)),
    *recurrent(LSTM),
    *recurrent(GRU),
    (MultiHeadAttention(heads=1), (1, 3)),
    (MultiHeadAttention(heads=3), (5, 6)),
    (MultiHeadAttention(heads=2, causal=True, bias=False), (5, 4)),
    (MultiHeadAttention(heads=2, dropout=0.3), (4, 4)),
    (Masked(inner=MultiHeadAttention(heads=2)), (6, 4)),
    (Masked(inner=MultiHeadAttention(heads=2, causal=True, dropout=0.2)), (6, 4)),
    (PositionalEncoding(), (5, 3)),
    (PositionalEmbedding(), (5, 3)),
    *(
        case
        for pool in (MeanOverTime(), MaxOverTime(), LastStep())
        for case in ((pool, (6, 3)), (pool, (1, 2)), (Masked(inner=pool), (6, 3)))
    ),
]

TOKENS = {"embedding"}
"""Layers whose inputs are whole numbers, which cannot be moved a little."""

IDS = [f"{layer.kind}-{number}" for number, (layer, _) in enumerate(CASES)]


@dataclass
class Bench:
    """A layer bound to arrays of its own."""

    layer: Layer
    x: Tensor
    y: Tensor
    parameters: dict[str, Tensor]
    bound: Bound

    @property
    def moved(self) -> list[Tensor]:
        """What the output is a smooth function of."""
        inputs = [] if self.layer.kind in TOKENS else [self.x]
        return [*inputs, *self.learned.values()]

    @property
    def learned(self) -> dict[str, Tensor]:
        return {name: p for name, p in self.parameters.items() if p.grad is not None}


def bench(
    layer: Layer, shape: tuple[int, ...], *, training: bool = True, dtype: str = "float64"
) -> Bench:
    """Bind a layer to random numbers; work arrays and gradients start as NaN."""
    random = generator(1, Stream.DATA)

    def tensor(*of: int) -> Tensor:
        return Tensor(random.normal(size=of).astype(dtype), np.full(of, np.nan, dtype))

    x = tensor(BATCH, *shape)
    if layer.kind in TOKENS:
        np.copyto(x.value, random.integers(layer.tokens, size=x.value.shape))
    y = tensor(BATCH, *layer.output_shape(shape))
    parameters = {}
    for name, declared in layer.parameters(shape).items():
        value = Normal(std=0.5, mean=1.0).sample(random, declared.shape, 1, 1).astype(dtype)
        if not declared.trainable:
            value = np.abs(value) + 0.1
        grad = np.full(declared.shape, np.nan, dtype) if declared.trainable else None
        parameters[name] = Tensor(value, grad)
    if not training:
        x, y = Tensor(x.value), Tensor(y.value)
        parameters = {name: Tensor(p.value) for name, p in parameters.items()}
    return bind(layer, x, y, parameters, training=training)


def bind(
    layer: Layer, x: Tensor, y: Tensor, parameters: dict[str, Tensor], *, training: bool
) -> Bench:
    """Bind a layer to arrays; work arrays start as NaN."""
    batch, *rest = x.value.shape
    shape = tuple(rest)
    scratch = {}
    for name, buffer in layer.scratch(shape).items():
        whole = (batch, *buffer.shape) if buffer.per_sample else buffer.shape
        filler = np.nan if buffer.dtype is None else 255
        scratch[name] = np.full(whole, filler, buffer.dtype or x.value.dtype)
    clock = Clock(seed=5, epoch=1, step=2)
    context = Context(training=training, node=3, batch=batch, first_row=0, clock=clock)
    bound = layer.bind(x, y, parameters, scratch, context)
    if training and layer.meets:
        whole = {
            name: scratch[name] if buffer.per_sample or buffer.shared else scratch[name][None]
            for name, buffer in layer.scratch(shape).items()
        }
        bound = joined(bound, layer.meet(shape, parameters, whole, [batch], context))
    return Bench(layer, x, y, parameters, bound)


def joined(bound: Bound, meeting: Meeting) -> Bound:
    """A layer whose samples meet, with all that a step calls of it in one function a direction."""
    gather, gather_back, backward = bound.gather, bound.gather_back, bound.backward
    assert gather is not None
    assert gather_back is not None
    assert backward is not None
    return Bound(
        chain([gather, meeting.forward, bound.forward]),
        chain([gather_back, meeting.backward, backward]),
    )
