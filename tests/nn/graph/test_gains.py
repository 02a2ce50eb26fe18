"""The gain that weights need follows from the layers behind them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.graph.gains import gains
from dlrun.nn.initializers.base import Gained, Initializer
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.initializers.lecun import LeCunNormal
from dlrun.nn.initializers.orthogonal import Orthogonal
from dlrun.nn.initializers.xavier import XavierNormal
from dlrun.nn.layers.activations import ELU, GELU, SELU, Activation, LeakyReLU, ReLU, SiLU, Tanh
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.gaussian_noise import GaussianNoise
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.repeat import Repeat
from dlrun.nn.layers.residual import Residual
from dlrun.nn.losses.mse import MeanSquaredError

RELU, SLOPED, TANH = math.sqrt(2), math.sqrt(2 / (1 + 0.3**2)), 1.5925374197


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        (ReLU(), RELU),
        (LeakyReLU(), math.sqrt(2 / (1 + 0.01**2))),
        (LeakyReLU(negative_slope=0.3), SLOPED),
        (SELU(), 1.0),
        (PReLU(start=0.3), SLOPED),
    ],
    ids=lambda each: getattr(each, "kind", ""),
)
def test_gains_with_a_formula(activation: Layer, expected: float) -> None:
    assert activation.needed_gain() == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    ("activation", "f"),
    [
        (Tanh(), math.tanh),
        (ELU(alpha=0.7), lambda z: z if z > 0 else 0.7 * math.expm1(z)),
        (SiLU(), lambda z: z / (1 + math.exp(-z))),
    ],
    ids=lambda each: getattr(each, "kind", ""),
)
def test_gains_by_integration(activation: Activation, f) -> None:
    square = integrate.quad(lambda z: f(z) ** 2 * stats.norm.pdf(z), -12, 12, points=[0])[0]
    assert activation.needed_gain() == pytest.approx(1 / math.sqrt(square), rel=1e-6)


CASES: list[tuple[list[Layer], list[float]]] = [
    ([Dense(units=4), ReLU(), Dense(units=3)], [RELU, 1.0]),
    ([Dense(units=4), LeakyReLU(negative_slope=0.3), Dense(units=4), Tanh()], [SLOPED, TANH]),
    ([Dense(units=4), Dropout(), Flatten(), Tanh()], [TANH]),
    ([Dense(units=4), BatchNorm(), Tanh()], [1.0]),
    ([Dense(units=4), Dropout()], [1.0]),
    ([Dense(units=4), GaussianNoise(), PReLU(start=0.3)], [SLOPED]),
    ([Repeat(times=2, layers=(Dense(units=4), ReLU()))], [RELU, RELU]),
    # The sum stands between; what is added is not what the activation sees.
    ([Dense(units=4), Residual(layers=(ReLU(), Dense(units=4))), Tanh()], [1.0, 1.0]),
]


@pytest.mark.parametrize(("layers", "expected"), CASES, ids=range(len(CASES)))
def test_it_is_that_of_the_activation_behind(layers: list[Layer], expected: list[float]) -> None:
    graph = build_graph(layers, (4,))
    found = gains(graph)
    kernels = [node.number for node in graph.nodes if "kernel" in node.parameters]
    assert [found[number] for number in kernels] == pytest.approx(expected, rel=1e-8)


def test_pooling_is_looked_through() -> None:
    graph = build_graph([Conv(filters=2), MaxPool(), ReLU()], (6, 6, 1))
    assert gains(graph)[0] == pytest.approx(RELU)


def test_a_mask_is_not_counted() -> None:
    graph = build_graph([Dense(units=4), Masking(), Permute(axes=(0, 1)), ReLU()], (5, 3))
    assert gains(graph)[0] == pytest.approx(RELU)


@pytest.mark.parametrize("rule", [HeNormal, LeCunNormal, XavierNormal, Orthogonal])
def test_auto_draws_what_the_number_would(rule: type[Gained]) -> None:
    layers = [Dense(units=5, bias=False), LeakyReLU(negative_slope=0.3), Dense(units=2)]

    def kernels(default: Initializer) -> list[np.ndarray]:
        made = Network(build_graph(layers, (4,)), MeanSquaredError(), "float64")
        made.parameters.initialize(3, default)
        return list(made.parameters.named().values())

    auto, number, one = (kernels(rule(gain=gain)) for gain in ("auto", SLOPED, 1.0))
    np.testing.assert_allclose(auto[0], number[0], rtol=1e-8)
    np.testing.assert_array_equal(auto[1], one[1])


@pytest.mark.parametrize("activation", [ReLU(), Tanh(), GELU(), SELU(), LeakyReLU(), SiLU()])
def test_a_deep_network_keeps_its_signal(activation: Activation) -> None:
    gain = activation.needed_gain()
    layers = [Repeat(times=6, layers=(Dense(units=512, bias=False), activation))]
    made = Network(build_graph(layers, (512,)), MeanSquaredError(), "float64")
    x = np.random.default_rng(0).normal(size=(64, 512)) / gain
    made.parameters.initialize(1, LeCunNormal(gain="auto"))
    # What goes into an activation has variance 1, so what leaves it has 1 / gain^2.
    assert np.square(gain * made.outputs(x)).mean() == pytest.approx(1, rel=0.4)
    made.parameters.initialize(1, LeCunNormal(gain=gain / 2))
    assert np.square(gain * made.outputs(x)).mean() < 0.1
