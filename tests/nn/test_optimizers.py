"""Every optimizer: what it reaches, what its state is, and that threads change no bit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from dlrun import catalog
from dlrun.nn.engine.blocks import single
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.kernels import numba_kernels, numpy_kernels
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.positions import PositionalEmbedding
from dlrun.nn.layers.sample_norm import LayerNorm
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.adadelta import AdaDelta
from dlrun.nn.optimizers.adagrad import AdaGrad
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.optimizers.adamax import AdaMax
from dlrun.nn.optimizers.adamw import AdamW
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock
from dlrun.nn.optimizers.lamb import LAMB
from dlrun.nn.optimizers.lion import Lion
from dlrun.nn.optimizers.muon import Muon
from dlrun.nn.optimizers.nadam import NAdam
from dlrun.nn.optimizers.newton_schulz import NewtonSchulz
from dlrun.nn.optimizers.radam import RAdam
from dlrun.nn.optimizers.rmsprop import RMSProp
from dlrun.nn.optimizers.sgd import SGD

# A rule, its rates on the parabola and on Rosenbrock's valley, and what is left of 1 behind 1,000
# steps in the one and 3,000 in the other, while the rate falls in a line to 0.
TABLE: list[tuple[Optimizer, float, float, float, float]] = [
    (SGD(), 0.5, 1e-3, 1e-12, 0.03),
    (SGD(momentum=0.9), 0.1, 2e-4, 1e-12, 0.03),
    (SGD(momentum=0.9, dampening=0.2), 0.1, 2e-4, 1e-12, 0.03),
    (SGD(momentum=0.9, nesterov=True), 0.1, 2e-4, 1e-12, 0.03),
    (RMSProp(), 0.05, 0.02, 1e-6, 1e-3),
    (RMSProp(momentum=0.8, centered=True), 0.01, 0.002, 1e-6, 0.1),
    (Adam(), 0.1, 0.1, 1e-12, 1e-6),
    (Adam(amsgrad=True), 0.1, 0.1, 1e-12, 1e-4),
    (AdamW(weight_decay=1e-4), 0.1, 0.1, 1e-6, 1e-3),
    (NAdam(), 0.1, 0.1, 1e-12, 1e-4),
    (RAdam(), 0.1, 5e-3, 1e-12, 0.03),
    (AdaMax(), 0.1, 0.1, 1e-12, 1e-3),
    (AdaGrad(), 0.5, 0.5, 1e-12, 0.03),
    (AdaDelta(), 5.0, 5.0, 1e-6, 0.1),
    (Lion(), 0.02, 0.01, 1e-4, 0.03),
    (LAMB(), 0.05, 0.02, 1e-4, 0.03),
    (Muon(), 0.1, 0.1, 1e-4, 1e-6),
]
RULES = [row[0] for row in TABLE]
IDS = [f"{rule.kind}-{n}" for n, rule in enumerate(RULES)]

every_rule = pytest.mark.parametrize("rule", RULES, ids=IDS)


def test_every_optimizer_is_in_the_table() -> None:
    catalog.load()
    assert {rule.kind for rule in RULES} == set(Optimizer.family)


def descended(
    rule: Optimizer,
    start: np.ndarray,
    slope: Callable[[np.ndarray], np.ndarray],
    lr: float,
    steps: int,
) -> np.ndarray:
    value = start.copy()
    weights = WeightBlock(
        value, np.empty_like(value), {s: np.zeros_like(value) for s in rule.slots()}
    )
    pace = Pace()
    work = rule.bind(weights, pace, numpy_kernels())
    for step in range(1, steps + 1):
        np.copyto(weights.grad, slope(value))
        pace.lr, pace.step = lr * (1 - step / (steps + 1)), step
        work()
    return value


@pytest.mark.parametrize(("rule", "lr", "_", "left", "__"), TABLE, ids=IDS)
def test_on_a_parabola(rule: Optimizer, lr: float, _: float, left: float, __: float) -> None:
    stiffness = np.linspace(0.1, 1.0, 24).reshape(4, 6)
    start = np.linspace(-1.0, 1.0, 24).reshape(4, 6)
    end = descended(rule, start, lambda w: stiffness * w, lr, 1000)
    assert np.sum(stiffness * end**2) < left * np.sum(stiffness * start**2)


@pytest.mark.parametrize(("rule", "_", "lr", "__", "left"), TABLE, ids=IDS)
def test_in_rosenbrocks_valley(
    rule: Optimizer, _: float, lr: float, __: float, left: float
) -> None:
    def slope(w: np.ndarray) -> np.ndarray:
        x, y = w
        return np.array([-400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)])

    x, y = descended(rule, np.array([-1.2, 1.0]), slope, lr, 3000)
    assert (1 - x) ** 2 + 100 * (y - x * x) ** 2 < left * 24.2


def test_lion_is_its_formula() -> None:
    value, m, slopes = [0.5, -0.2, 0.0], [0.0, 0.0, 0.0], [0.3, -0.1, 0.0]
    weights = WeightBlock(np.array(value), np.array(slopes), {"mean": np.zeros(3)}, decay=0.3)
    pace = Pace(lr=0.01)
    work = Lion(beta1=0.8, beta2=0.95).bind(weights, pace, numpy_kernels())
    for step in range(1, 201):
        turned = [math.cos(step) * each for each in slopes]
        weights.grad[...] = turned
        pace.step = step
        work()
        for i in range(3):
            c = 0.8 * m[i] + 0.2 * turned[i]
            value[i] -= 0.01 * ((c > 0) - (c < 0) + 0.3 * value[i])
            m[i] = 0.95 * m[i] + 0.05 * turned[i]
    np.testing.assert_allclose(weights.value, value, rtol=1e-10, atol=1e-12)


def test_lamb_is_its_formula() -> None:
    rows = [[0.5, -0.2, 0.1], [1.0, 0.3, -0.7]]
    value = np.array(rows)
    state = {slot: np.zeros((2, 3)) for slot in ("mean", "square")}
    weights = WeightBlock(value, np.zeros((2, 3)), state, decay=0.1)
    pace = Pace(lr=0.02)
    work = LAMB(beta1=0.8, beta2=0.95, eps=1e-4).bind(weights, pace, numpy_kernels())
    w, m, v = [each for row in rows for each in row], [0.0] * 6, [0.0] * 6
    for step in range(1, 201):
        g = [0.3 * each + math.sin(step + i) for i, each in enumerate(w)]
        weights.grad[...] = np.reshape(g, (2, 3))
        pace.step = step
        work()
        r = []
        for i in range(6):
            m[i] = 0.8 * m[i] + 0.2 * g[i]
            v[i] = 0.95 * v[i] + 0.05 * g[i] ** 2
            mean, square = m[i] / (1 - 0.8**step), v[i] / (1 - 0.95**step)
            r.append(mean / (math.sqrt(square) + 1e-4) + 0.1 * w[i])
        ratio = math.hypot(*w) / math.hypot(*r)
        w = [each - 0.02 * ratio * turn for each, turn in zip(w, r, strict=True)]
    np.testing.assert_allclose(value.reshape(-1), w, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("shape", [(3, 8), (8, 3), (5, 5)])
def test_newton_and_schulz_make_all_directions_nearly_equal(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(1).normal(size=shape)
    u, _, v = np.linalg.svd(matrix, full_matrices=False)
    NewtonSchulz(matrix, 10)()
    strengths = np.diag(u.T @ matrix @ v.T)
    assert np.all((strengths > 0.65) & (strengths < 1.25))
    np.testing.assert_allclose(u.T @ matrix @ v.T, np.diag(strengths), atol=1e-10)


def network(threads: int = 1, kernels: Callable[[], object] = numpy_kernels) -> Network:
    graph = build_graph([Dense(units=300), Dense(units=200), Dense(units=7)], (400,))
    made = Network(graph, MeanSquaredError(), "float32", kernels(), threads)  # type: ignore[arg-type]
    made.parameters.initialize(3, Normal(std=1.0))
    return made


def steps(updater: Updater, of: Network, first: int, last: int) -> None:
    for step in range(first, last + 1):
        random = np.random.default_rng(step)
        of.parameters.grads[...] = random.normal(size=len(of.parameters.grads))
        updater.pace.lr, updater.pace.step = 0.01 / step, step
        updater()


@every_rule
@pytest.mark.parametrize("kernels", [numpy_kernels, numba_kernels])
def test_the_number_of_threads_changes_no_bit(
    rule: Optimizer, kernels: Callable[[], object]
) -> None:
    found = []
    for threads in (1, 2, 3, 4):
        of = network(threads, kernels)
        steps(Updater(rule, of, weight_decay=0.1), of, 1, 3)
        found.append(of.parameters.values.copy())
    assert np.isfinite(found[0]).all()
    for other in found[1:]:
        np.testing.assert_array_equal(found[0], other)


@every_rule
def test_state_and_step_are_all_that_is_carried_on(rule: Optimizer) -> None:
    whole = network()
    steps(Updater(rule, whole), whole, 1, 9)

    first, second = network(), network()
    before, behind = Updater(rule, first), Updater(rule, second)
    steps(before, first, 1, 6)
    np.copyto(second.parameters.values, first.parameters.values)
    assert {len(slot) for slot in before.slots.values()} <= {len(first.parameters.grads)}
    behind.restore(before.state())
    steps(behind, second, 7, 9)
    np.testing.assert_array_equal(whole.parameters.values, second.parameters.values)


@every_rule
def test_weight_decay_shrinks_kernels_and_leaves_biases(rule: Optimizer) -> None:
    found = []
    for decay in (0.0, 0.5):
        of = network()
        updater = Updater(rule, of, weight_decay=decay)
        of.parameters.grads[...] = 0.01
        updater.pace.lr, updater.pace.step = 0.1, 1
        updater()
        found.append({name: value.copy() for name, value in of.parameters.named().items()})
    for name, plain in found[0].items():
        if name.endswith("bias"):
            np.testing.assert_array_equal(plain, found[1][name])
        else:
            assert np.linalg.norm(found[1][name]) < np.linalg.norm(plain)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"nesterov": True}, "'nesterov' needs a 'momentum' above 0"),
        ({"dampening": 0.1}, "'dampening' needs a 'momentum' above 0"),
        (
            {"momentum": 0.9, "dampening": 0.1, "nesterov": True},
            "'nesterov' needs a 'dampening' of 0",
        ),
    ],
)
def test_fields_of_sgd_that_do_not_fit(fields: dict[str, float], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        SGD(**fields)


@pytest.mark.parametrize("rule", [Muon(), Muon(scale="original", nesterov=False), LAMB()])
def test_matrices_side_by_side_take_the_steps_that_each_would_take(rule: Optimizer) -> None:
    random = np.random.default_rng(6)
    start, pace = random.normal(size=(4, 15)), Pace(lr=0.02)

    def bound(value: np.ndarray, blocks: int) -> tuple[WeightBlock, Callable[[], None]]:
        state = {slot: np.zeros_like(value) for slot in rule.slots()}
        weights = WeightBlock(value, np.empty_like(value), state, decay=0.1, blocks=blocks)
        return weights, rule.bind(weights, pace, numpy_kernels())

    together, step = bound(start.copy(), 3)
    apart = [bound(each.copy(), 1) for each in np.split(start, 3, axis=1)]
    for number in range(1, 30):
        pace.step = number
        together.grad[...] = slope = random.normal(size=start.shape)
        step()
        for (weights, own), each in zip(apart, np.split(slope, 3, axis=1), strict=True):
            weights.grad[...] = each
            own()
    expected = np.concatenate([weights.value for weights, _ in apart], axis=1)
    np.testing.assert_allclose(together.value, expected, rtol=1e-10)


def test_muon_leaves_tables_vectors_and_the_output_to_adam() -> None:
    layers: list[Layer] = [
        Embedding(units=8, tokens=20),
        PositionalEmbedding(),
        MultiHeadAttention(heads=2),
        LayerNorm(),
        GRU(units=6),
        Dense(units=7),
        Dense(units=3),
        BatchNorm(),
    ]
    graph = build_graph(layers, (5,))
    names = {
        id(parameter): f"{node.name}.{name}"
        for node in graph.nodes
        for name, parameter in node.parameters.items()
    }
    hidden = [names[id(each.like)] for each in single(graph) if each.hidden]
    matrices = {name for name in hidden if "kernel" in name or "recurrent" in name}
    assert matrices == {
        "multi_head_attention_1.kernel",
        "multi_head_attention_1.output_kernel",
        "gru_1.kernel",
        "gru_1.recurrent",
        "dense_1.kernel",
    }
    assert not any("embedding" in name or "dense_2" in name for name in hidden)


def test_lamb_moves_biases_as_adam_does() -> None:
    """|w| is 0 for a bias that starts there: a step in proportion to it would never end."""
    x = np.linspace(-1, 1, 64)[:, None]
    found = {}
    for rule in (LAMB(lr=0.02), Adam(lr=0.02, eps=1e-6)):
        network = Network(build_graph([Dense(units=1)], (1,)), MeanSquaredError(), "float64")
        network.parameters.initialize(0, Normal(std=1.0))
        plan = network.training_plan(64, 3 + x / 2, Clock())
        updater = Updater(rule, network)
        for step in range(1, 401):
            plan.input[...] = x
            plan.targets[...] = 3 + x / 2
            plan.forward()
            plan.loss()
            plan.backward()
            updater.pace.lr, updater.pace.step = rule.lr, step
            updater()
        found[rule.kind] = network.parameters.named()["dense_1.bias"].item()
    assert found["lamb"] == pytest.approx(found["adam"], rel=1e-6)
    assert found["lamb"] == pytest.approx(3, abs=0.05)
