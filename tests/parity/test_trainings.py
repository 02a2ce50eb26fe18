"""Whole trainings: losses go where those of PyTorch go."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from torch import Tensor, nn
from trainings import peer_train, tensor, train

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.xavier import XavierNormal
from dlrun.nn.kernels import Kernels, numba_kernels, numpy_kernels
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.losses.cross_entropy import CrossEntropy

STEPS = 100

CASES = {
    "mlp": ([Dense(units=24), ReLU(), Dense(units=4)], (10,)),
    "cnn": (
        [
            *(Conv(filters=8, padding=1), BatchNorm(), ReLU(), MaxPool()),
            *(Flatten(), Dense(units=4)),
        ],
        (8, 8, 3),
    ),
}


class ChannelsLast(nn.Module):
    """Flattens as we do, with the channels of a place side by side."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1).flatten(1)


class ChannelsFirst(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 3, 1, 2)


def peer(of: Network) -> nn.Sequential:
    """Torch's layers with the first weights of a network of ours."""
    model = nn.Sequential()
    for node in of.graph.nodes:
        own = {name: each.value for name, each in of.parameters.of(node).items()}
        match node.operation:
            case Dense():
                model.append(with_weights(nn.Linear(*own["kernel"].shape), own, (1, 0)))
            case Conv():
                *window, channels, filters = own["kernel"].shape
                model.append(ChannelsFirst())
                conv = nn.Conv2d(channels, filters, tuple(window), padding=1)
                model.append(with_weights(conv, own, (3, 2, 0, 1)))
            case BatchNorm():
                model.append(nn.BatchNorm2d(len(own["scale"])))  # starts as ours, at 1 and 0
            case ReLU():
                model.append(nn.ReLU())
            case MaxPool():
                model.append(nn.MaxPool2d(2))
            case Flatten():
                model.append(ChannelsLast())
            case _:
                raise AssertionError(node.name)
    return model.double()


def with_weights(
    module: nn.Linear | nn.Conv2d, own: dict[str, np.ndarray], axes: tuple[int, ...]
) -> nn.Module:
    module.weight.data = tensor(own["kernel"].transpose(axes))
    module.bias.data = tensor(own["bias"])
    return module


@pytest.mark.parametrize("kernels", [numpy_kernels, numba_kernels], ids=["numpy", "numba"])
@pytest.mark.parametrize("name", CASES)
def test_a_training_goes_where_torch_goes(name: str, kernels: Callable[[], Kernels]) -> None:
    layers, shape = CASES[name]
    of = network(layers, shape, kernels())
    random = np.random.default_rng(8)
    x = random.normal(size=(256, *shape))
    targets = (x.reshape(256, -1) @ random.normal(size=(x[0].size, 4))).argmax(axis=1)
    model = peer(of)
    ours = train(of, x, targets, STEPS)
    np.testing.assert_allclose(ours, peer_train(model, x, targets, STEPS), rtol=0, atol=1e-4)
    assert np.mean(ours[-5:]) < 0.7 * np.mean(ours[:5])


def network(layers: list[Layer], shape: tuple[int, ...], kernels: Kernels) -> Network:
    of = Network(build_graph(layers, shape), CrossEntropy(), "float64", kernels)
    of.parameters.initialize(3, XavierNormal())
    return of
