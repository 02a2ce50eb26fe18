"""Values and gradients of every layer that torch has, too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
import torch.nn.functional as F  # noqa: N812
from layer_cases import Bench, bench
from torch import Tensor

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
from dlrun.nn.layers.base import Layer, Merge
from dlrun.nn.layers.base import Tensor as Pair
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.conv_transpose import ConvTranspose
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.merge import Add, Concatenate, Multiply
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.pool import AveragePool, GlobalAveragePool, GlobalMaxPool, MaxPool
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.nn.layers.upsample import Upsample

Peer = Callable[[Tensor, dict[str, Tensor]], Tensor]


def channels_first(x: Tensor) -> Tensor:
    return x.permute(0, 3, 1, 2)


def channels_last(x: Tensor) -> Tensor:
    return x.permute(0, 2, 3, 1)


def channels_2(x: Tensor) -> Tensor:
    """Rows with the channels behind or in front of them."""
    return x.transpose(1, 2)


def conv(stride: int, padding: int | str) -> Peer:
    def peer(x: Tensor, p: dict[str, Tensor]) -> Tensor:
        kernel = p["kernel"].permute(3, 2, 0, 1)
        return channels_last(
            F.conv2d(channels_first(x), kernel, p.get("bias"), stride=stride, padding=padding)
        )

    return peer


def norm(x: Tensor, p: dict[str, Tensor]) -> Tensor:
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes, unbiased=False)
    return (x - mean) / torch.sqrt(variance + 1e-5) * p["scale"] + p["shift"]


def frozen(x: Tensor, p: dict[str, Tensor]) -> Tensor:
    of = bench(BatchNorm(frozen=True), (3, 4)).parameters
    mean, variance = (torch.from_numpy(of[name].value).to(x.dtype) for name in ("mean", "variance"))
    y = F.batch_norm(channels_2(x), mean, variance, p["scale"], p["shift"], training=False)
    return channels_2(y)


def sequences(x: Tensor) -> Tensor:
    return x.permute(0, 2, 1)


def conv_1d(stride: int, padding: int | str, dilation: int = 1, groups: int = 1) -> Peer:
    def peer(x: Tensor, p: dict[str, Tensor]) -> Tensor:
        kernel = p["kernel"].permute(2, 1, 0)
        return sequences(
            F.conv1d(sequences(x), kernel, p.get("bias"), stride, padding, dilation, groups)
        )

    return peer


def conv_2d(stride: int, padding: int, dilation: int, groups: int) -> Peer:
    def peer(x: Tensor, p: dict[str, Tensor]) -> Tensor:
        kernel = p["kernel"].permute(3, 2, 0, 1)
        return channels_last(
            F.conv2d(channels_first(x), kernel, p.get("bias"), stride, padding, dilation, groups)
        )

    return peer


def conv_transpose(stride: int, padding: int, more: int, dilation: int = 1) -> Peer:
    def peer(x: Tensor, p: dict[str, Tensor]) -> Tensor:
        if x.ndim == 3:
            kernel = p["kernel"].permute(2, 1, 0)
            y = F.conv_transpose1d(
                sequences(x), kernel, p.get("bias"), stride, padding, more, 1, dilation
            )
            return sequences(y)
        kernel = p["kernel"].permute(3, 2, 0, 1)
        return channels_last(
            F.conv_transpose2d(
                channels_first(x), kernel, p.get("bias"), stride, padding, more, 1, dilation
            )
        )

    return peer


def upsample(by: int, mode: str) -> Peer:
    align = None if mode == "nearest" else False
    first, last = (sequences, sequences) if mode == "linear" else (channels_first, channels_last)
    return lambda x, p: last(F.interpolate(first(x), None, by, mode, align))


PEERS: list[tuple[Layer, tuple[int, ...], Peer]] = [
    (Dense(units=4), (7,), lambda x, p: x @ p["kernel"] + p["bias"]),
    (Dense(units=4), (3, 7), lambda x, p: F.linear(x, p["kernel"].T, p["bias"])),
    (Conv(filters=3), (6, 5, 2), conv(1, "same")),
    (Conv(filters=3, kernel=5), (6, 9, 2), conv(1, "same")),
    (Conv(filters=3, kernel=2), (6, 5, 2), conv(1, "same")),
    (Conv(filters=3, padding="valid", stride=2), (9, 8, 2), conv(2, "valid")),
    (Conv(filters=3, padding=1, stride=3), (9, 8, 4), conv(3, 1)),
    (Conv(filters=6, padding=2, dilation=2, groups=2), (9, 8, 4), conv_2d(1, 2, 2, 2)),
    (Conv(filters=8, groups="depthwise", padding=1), (6, 5, 4), conv_2d(1, 1, 1, 4)),
    (Conv(filters=4, groups="depthwise", padding=0, stride=2), (6, 5, 4), conv_2d(2, 0, 1, 4)),
    (Conv(filters=20), (9, 10, 13), conv_2d(1, 1, 1, 1)),
    (Conv(filters=3), (11, 2), conv_1d(1, "same")),
    (Conv(filters=16), (11, 12), conv_1d(1, "same")),
    (
        Conv(filters=4, kernel=4, stride=2, padding=3, dilation=2, groups=2),
        (12, 2),
        conv_1d(2, 3, 2, 2),
    ),
    (ConvTranspose(filters=3), (5, 4, 2), lambda x, p: conv_transpose(2, 0, 0)(x, p)[:, :10, :8]),
    (ConvTranspose(filters=3, kernel=4, padding=1), (5, 4, 2), conv_transpose(2, 1, 0)),
    (ConvTranspose(filters=3, stride=3, padding="valid"), (5, 4, 2), conv_transpose(3, 0, 0)),
    (
        ConvTranspose(filters=3, padding=2, stride=2, kernel=5, dilation=2),
        (6, 2),
        conv_transpose(2, 2, 0, 2),
    ),
    (Upsample(size=3), (4, 5, 2), upsample(3, "nearest")),
    (Upsample(size=2, mode="linear"), (4, 5, 2), upsample(2, "bilinear")),
    (Upsample(size=3, mode="linear"), (7, 2), upsample(3, "linear")),
    (
        MaxPool(size=3, stride=2, padding=1),
        (7, 8, 3),
        lambda x, p: channels_last(F.max_pool2d(channels_first(x), 3, 2, 1)),
    ),
    (MaxPool(size=3), (7, 2), lambda x, p: sequences(F.max_pool1d(sequences(x), 3))),
    (
        AveragePool(size=3, stride=2, padding=1),
        (7, 8, 3),
        lambda x, p: channels_last(
            F.avg_pool2d(channels_first(x), 3, 2, 1, count_include_pad=False)
        ),
    ),
    (AveragePool(size=2), (7, 2), lambda x, p: sequences(F.avg_pool1d(sequences(x), 2))),
    (GlobalAveragePool(), (7, 2), lambda x, p: x.mean(1)),
    (GlobalMaxPool(), (4, 5, 3), lambda x, p: x.amax((1, 2))),
    (
        MaxPool(),
        (6, 7, 3),
        lambda x, p: channels_last(F.max_pool2d(channels_first(x), 2)),
    ),
    (
        MaxPool(size=3, stride=2),
        (7, 8, 3),
        lambda x, p: channels_last(F.max_pool2d(channels_first(x), 3, 2)),
    ),
    (
        AveragePool(size=3, stride=2),
        (7, 8, 3),
        lambda x, p: channels_last(F.avg_pool2d(channels_first(x), 3, 2)),
    ),
    (
        GlobalAveragePool(),
        (4, 5, 3),
        lambda x, p: F.adaptive_avg_pool2d(channels_first(x), 1).flatten(1),
    ),
    (BatchNorm(), (6,), norm),
    (BatchNorm(), (4, 3, 2), norm),
    (BatchNorm(frozen=True), (3, 4), frozen),
    (Permute(axes=(2, 0, 1)), (3, 4, 2), lambda x, p: x.permute(0, 3, 1, 2)),
    (ReLU(), (9,), lambda x, p: F.relu(x)),
    (LeakyReLU(negative_slope=0.2), (9,), lambda x, p: F.leaky_relu(x, 0.2)),
    (ELU(alpha=1.3), (9,), lambda x, p: F.elu(x, 1.3)),
    (SELU(), (9,), lambda x, p: F.selu(x)),
    (PReLU(), (3, 4), lambda x, p: channels_2(F.prelu(channels_2(x), p["slope"]))),
    (GELU(), (9,), lambda x, p: F.gelu(x)),
    (GELU(approximate="tanh"), (9,), lambda x, p: F.gelu(x, approximate="tanh")),
    (SiLU(), (9,), lambda x, p: F.silu(x)),
    (Mish(), (9,), lambda x, p: F.mish(x)),
    (HardSwish(), (30,), lambda x, p: F.hardswish(x)),
    (Softmax(), (3, 4), lambda x, p: torch.softmax(x, -1)),
    (LayerNorm(), (3, 9), lambda x, p: F.layer_norm(x, (9,), p["scale"], p["shift"])),
    (LayerNorm(scale=False, shift=False), (9,), lambda x, p: F.layer_norm(x, (9,))),
    (RMSNorm(eps=1e-5), (3, 9), lambda x, p: F.rms_norm(x, (9,), p["scale"], 1e-5)),
    (
        GroupNorm(groups=2),
        (3, 4, 6),
        lambda x, p: channels_last(F.group_norm(channels_first(x), 2, p["scale"], p["shift"])),
    ),
    (
        InstanceNorm(),
        (3, 4, 2),
        lambda x, p: channels_last(
            F.instance_norm(channels_first(x), weight=p["scale"], bias=p["shift"])
        ),
    ),
    (Tanh(), (9,), lambda x, p: torch.tanh(x)),
    (Sigmoid(), (9,), lambda x, p: torch.sigmoid(x)),
    (Softplus(), (9,), lambda x, p: F.softplus(x, threshold=1000)),
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
@pytest.mark.parametrize(
    ("layer", "shape", "peer"), PEERS, ids=[f"{case[0].kind}-{n}" for n, case in enumerate(PEERS)]
)
def test_values_and_gradients_are_those_of_torch(
    layer: Layer, shape: tuple[int, ...], peer: Peer, dtype: str, tolerance: float
) -> None:
    ours = bench(layer, shape, dtype=dtype)
    ours.bound.forward()
    x = torch.from_numpy(ours.x.value.copy()).requires_grad_()
    parameters = {
        name: torch.from_numpy(each.value.copy()).requires_grad_()
        for name, each in ours.learned.items()
    }
    y = peer(x, parameters)
    direction = np.cos(np.arange(ours.y.value.size)).reshape(ours.y.value.shape).astype(dtype)
    y.backward(torch.from_numpy(direction))
    np.copyto(ours.y.grad, direction)
    ours.bound.backward()

    close(ours.y.value, y, tolerance)
    close(ours.x.grad, x.grad, tolerance)
    for name, each in ours.learned.items():
        close(each.grad, parameters[name].grad, tolerance)


def close(ours: np.ndarray, theirs: Tensor, tolerance: float) -> None:
    expected = theirs.detach().numpy()
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(ours, expected, rtol=tolerance, atol=tolerance * scale)


MERGES: list[tuple[Merge, tuple[tuple[int, ...], ...], Callable[..., Tensor]]] = [
    (Add(inputs=("a", "b")), ((3, 4), (3, 4)), lambda a, b: a + b),
    (Add(inputs=("a", "b")), ((3, 4), (4,)), lambda a, b: a + b[:, None]),
    (Multiply(inputs=("a", "b")), ((3, 4), (3, 4)), lambda a, b: a * b),
    (Multiply(inputs=("a", "b")), ((2, 3, 4), (4,)), lambda a, b: a * b[:, None, None]),
    (
        Multiply(inputs=("a", "b", "c")),
        ((3, 1), (1, 4), (3, 4)),
        lambda a, b, c: a * b * c,
    ),
    (Concatenate(inputs=("a", "b")), ((3, 4), (3, 2)), lambda a, b: torch.cat([a, b], -1)),
    (Concatenate(inputs=("a", "b"), axis=0), ((3, 4), (1, 4)), lambda a, b: torch.cat([a, b], 1)),
]


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
@pytest.mark.parametrize(
    ("layer", "shapes", "peer"), MERGES, ids=[f"{m[0].kind}-{n}" for n, m in enumerate(MERGES)]
)
def test_merges_and_their_gradients_are_those_of_torch(
    layer: Merge,
    shapes: tuple[tuple[int, ...], ...],
    peer: Callable[..., Tensor],
    dtype: str,
    tolerance: float,
) -> None:
    random = np.random.default_rng(4)

    def values(shape: tuple[int, ...]) -> np.ndarray:
        return random.normal(size=(5, *shape)).astype(dtype)

    xs = [Pair(value, np.empty_like(value)) for value in map(values, shapes)]
    y = Pair(*(values(layer.merged_shape(shapes)) for _ in range(2)))
    theirs = [torch.from_numpy(x.value.copy()).requires_grad_() for x in xs]
    expected = peer(*theirs)
    expected.backward(torch.from_numpy(y.grad.copy()))
    bound = layer.bind_merge(tuple(xs), y)
    bound.forward()
    bound.backward()
    close(y.value, expected, tolerance)
    for x, their in zip(xs, theirs, strict=True):
        close(x.grad, their.grad, tolerance)


def test_running_statistics_and_evaluation_of_batch_norm_are_those_of_torch() -> None:
    ours = bench(BatchNorm(momentum=0.3), (4, 3, 2))
    theirs = torch.nn.BatchNorm2d(2, momentum=0.3, dtype=torch.float64)
    theirs.load_state_dict(
        {
            "weight": torch.from_numpy(ours.parameters["scale"].value.copy()),
            "bias": torch.from_numpy(ours.parameters["shift"].value.copy()),
            "running_mean": torch.from_numpy(ours.parameters["mean"].value.copy()),
            "running_var": torch.from_numpy(ours.parameters["variance"].value.copy()),
            "num_batches_tracked": torch.tensor(0),
        }
    )
    random = np.random.default_rng(0)
    for _ in range(3):
        x = random.normal(2.0, 3.0, ours.x.value.shape)
        np.copyto(ours.x.value, x)
        ours.bound.forward()
        theirs(channels_first(torch.from_numpy(x)))
    close(ours.parameters["mean"].value, theirs.running_mean, 1e-10)
    close(ours.parameters["variance"].value, theirs.running_var, 1e-10)

    evaluating: Bench = bench(BatchNorm(), (4, 3, 2), training=False)
    for name, each in ours.parameters.items():
        np.copyto(evaluating.parameters[name].value, each.value)
    evaluating.bound.forward()
    theirs.eval()
    x = torch.from_numpy(evaluating.x.value.copy())
    close(evaluating.y.value, channels_last(theirs(channels_first(x))), 1e-10)
