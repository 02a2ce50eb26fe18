"""First weights that depend on data: every layer's outputs have variance 1."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dlrun.experiment.compile import compile_spec
from dlrun.nn.engine.initial_rescaling import settle
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.initializers.lsuv import Lsuv
from dlrun.nn.layers.activations import ReLU, Sigmoid, Tanh
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.layers.repeat import Repeat
from dlrun.nn.layers.residual import Residual
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.training.session import Session

NETWORKS: dict[str, tuple[list[Layer], tuple[int, ...]]] = {
    "tanh": ([Repeat(times=25, layers=(Dense(units=40), Tanh())), Dense(units=3)], (30,)),
    "relu": ([Repeat(times=25, layers=(Dense(units=40), ReLU())), Dense(units=3)], (30,)),
    "sigmoid": ([Repeat(times=8, layers=(Dense(units=40), Sigmoid()))], (30,)),
    "conv": (
        [
            Repeat(times=4, layers=(Conv(filters=8), ReLU())),
            MaxPool(),
            Residual(layers=(Conv(filters=8), BatchNorm(), Tanh())),
            Dropout(),
            Flatten(),
            Dense(units=5),
        ],
        (8, 8, 2),
    ),
}
SEQUENCES: dict[str, tuple[list[Layer], tuple[int, ...]]] = {
    "attention": ([MultiHeadAttention(heads=2)], (5, 8)),
    "lstm": ([LSTM(units=7), Dense(units=3)], (4, 6)),
}


def made(
    name: str, seed: int = 0, default: Initializer | None = None, threads: int = 1
) -> tuple[Network, np.ndarray]:
    layers, shape = (NETWORKS | SEQUENCES)[name]
    found = Network(build_graph(layers, shape), MeanSquaredError(), "float64", threads=threads)
    rule = default or Lsuv()
    samples = 3 * np.random.default_rng(5).normal(size=(200, *shape)) + 1
    found.parameters.initialize(seed, rule)
    settle(found, rule, lambda count: samples[:count])
    return found, samples


def variances(network: Network, samples: np.ndarray) -> dict[str, float]:
    """Of the outputs of every layer with a kernel, from networks that end with it."""
    graph, found = network.graph, {}
    for node in graph.nodes:
        if "kernel" not in node.parameters:
            continue
        part = type(graph)(graph.nodes[: node.number + 1], graph.input, node.output)
        upto = Network(part, network.loss, "float64")
        for name, value in upto.parameters.named().items():
            value[...] = network.parameters.named()[name]
        found[node.name] = float(upto.outputs(samples).var())
    return found


@pytest.mark.parametrize("name", NETWORKS)
def test_every_layer_has_variance_one(name: str) -> None:
    found = variances(*made(name))
    assert len(found) >= 6
    assert all(value == pytest.approx(1, abs=0.011) for value in found.values()), found


def test_he_does_not_have_it_on_such_a_network() -> None:
    """The test above can fail."""
    found = variances(*made("tanh", default=HeNormal()))
    assert not all(value == pytest.approx(1, abs=0.2) for value in found.values())


def test_it_is_a_function_of_the_seed_alone() -> None:
    first, again, other = made("conv"), made("conv", threads=2), made("conv", seed=1)
    values = [network.parameters.values for network, _ in (first, again, other)]
    assert values[0].tobytes() == values[1].tobytes()
    assert values[0].tobytes() != values[2].tobytes()


def test_rows_stay_orthogonal() -> None:
    network, _ = made("tanh")
    kernel = network.parameters.named()["dense_2.kernel"]
    product = kernel.T @ kernel
    np.testing.assert_allclose(product, product[0, 0] * np.eye(40), atol=1e-10)


def test_only_layers_that_ask_are_changed() -> None:
    layers = [Dense(units=8, initializer=Lsuv(samples=20)), ReLU(), Dense(units=8)]
    seen = []

    def draw(count: int) -> np.ndarray:
        seen.append(count)
        return np.random.default_rng(0).normal(size=(count, 6)) * 9

    network = Network(build_graph(layers, (6,)), MeanSquaredError(), "float64")
    network.parameters.initialize(0, HeNormal())
    before = network.parameters.values.copy()
    settle(network, HeNormal(), draw)
    assert seen == [20]
    old, new = network.parameters.named(before), network.parameters.named()
    changed = [name for name in old if not np.array_equal(old[name], new[name])]
    assert changed == ["dense_1.kernel"]


def test_data_that_does_not_vary_changes_nothing() -> None:
    network = Network(build_graph([Dense(units=4)], (3,)), MeanSquaredError())
    network.parameters.initialize(0, Lsuv())
    before = network.parameters.values.copy()
    settle(network, Lsuv(), lambda count: np.zeros((count, 3), np.float32))
    np.testing.assert_array_equal(network.parameters.values, before)


def test_a_session_looks_at_training_samples_of_its_seed(spec: Callable[..., Path]) -> None:
    def start(seed: int) -> Session:
        return Session(compile_spec(spec(initializer={"lsuv": {"samples": 40}}, seed=seed)))

    first = start(3)
    assert first.best.tobytes() == start(3).best.tobytes()
    assert first.best.tobytes() != start(4).best.tobytes()
    everything = Session(compile_spec(spec(initializer={"lsuv": {"samples": 10_000}})))
    outputs = everything.network.outputs(everything.compiled.data.train.inputs)
    assert outputs.var() == pytest.approx(1, abs=0.011)


def test_attention_has_variance_1_though_it_has_two_kernels() -> None:
    network, samples = made("attention")
    assert network.outputs(samples).var() == pytest.approx(1, abs=0.02)


def test_a_state_that_is_bounded_is_not_asked_for_a_variance() -> None:
    network, _ = made("lstm")
    kernel = network.parameters.named()["lstm_1.kernel"]
    for gate in np.split(kernel, 4, axis=1):
        np.testing.assert_allclose(np.linalg.svd(gate, compute_uv=False), 1, rtol=1e-12)
