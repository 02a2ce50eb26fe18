"""One table of layers that drives every test that all layers must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layer import Bound, Clock, Context, Layer, Tensor
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
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.pool import AveragePool, GlobalAveragePool, MaxPool
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.rng import Stream, generator

BATCH = 5

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
    (MaxPool(), (4, 6, 3)),
    (MaxPool(size=(3, 2), stride=1), (5, 5, 2)),
    (MaxPool(size=2, stride=3), (7, 6, 1)),
    (AveragePool(), (5, 4, 3)),
    (AveragePool(size=3, stride=2), (7, 6, 2)),
    (GlobalAveragePool(), (3, 4, 5)),
    (BatchNorm(), (6,)),
    (BatchNorm(momentum=0.3, eps=1e-3), (3, 4, 2)),
    (Dropout(rate=0.4), (9,)),
    (Dropout(rate=0.0), (2, 3)),
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
]

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
    y = tensor(BATCH, *layer.output_shape(shape))
    parameters = {}
    for name, declared in layer.parameters(shape).items():
        value = Normal(std=0.5, mean=1.0).sample(random, declared.shape, 1, 1).astype(dtype)
        if not declared.trainable:
            value = np.abs(value) + 0.1
        grad = np.full(declared.shape, np.nan, dtype) if declared.trainable else None
        parameters[name] = Tensor(value, grad)
    scratch = {}
    for name, buffer in layer.scratch(shape).items():
        whole = (BATCH, *buffer.shape) if buffer.per_sample else buffer.shape
        filler = np.nan if buffer.dtype is None else 255
        scratch[name] = np.full(whole, filler, buffer.dtype or dtype)
    if not training:
        x, y = Tensor(x.value), Tensor(y.value)
        parameters = {name: Tensor(p.value) for name, p in parameters.items()}
    context = Context(training=training, node=3, first_row=0, clock=Clock(seed=5, epoch=1, step=2))
    return Bench(layer, x, y, parameters, layer.bind(x, y, parameters, scratch, context))
