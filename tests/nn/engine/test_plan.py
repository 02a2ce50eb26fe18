"""Whole networks bound to memory: gradients, chunks, shared memory, evaluation."""

from __future__ import annotations

import numpy as np
import pytest

from dlrun.nn.engine import layout, segments
from dlrun.nn.engine.arena import Parameters
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.graph.fuse import fuse
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.layers.activations import GELU, Mish, ReLU, Sigmoid, Tanh
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout, SpatialDropout
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.gaussian_noise import GaussianNoise
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.merge import Add, Concatenate, Multiply
from dlrun.nn.layers.node import From, Label
from dlrun.nn.layers.over_time import MaxOverTime
from dlrun.nn.layers.parallel import Parallel
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.pool import GlobalAveragePool, MaxPool
from dlrun.nn.layers.positions import PositionalEmbedding
from dlrun.nn.layers.prelu import PReLU
from dlrun.nn.layers.repeat import Repeat
from dlrun.nn.layers.reshape import Reshape
from dlrun.nn.layers.residual import Residual
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.layers.sample_norm import GroupNorm, InstanceNorm, LayerNorm, RMSNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.nn.layers.transformer_block import TransformerBlock
from dlrun.nn.losses.cross_entropy import CrossEntropy

IMAGE = (8, 8, 2)
NETWORKS: dict[str, tuple[list[Layer], tuple[int, ...]]] = {
    "mlp": ([Flatten(), Dense(units=9), ReLU(), Dropout(rate=0.3), Dense(units=3)], (2, 3)),
    "decoder": ([Dense(units=24), Reshape(shape=(4, 3, 2)), Conv(filters=3), Flatten()], (5,)),
    "cnn": (
        [Conv(filters=4), BatchNorm(), ReLU(), MaxPool(), Flatten(), Dropout(), Dense(units=3)],
        IMAGE,
    ),
    "residual": (
        [
            Conv(filters=4, bias=False),
            BatchNorm(),
            Residual(layers=(Conv(filters=4), Tanh(), Dropout(rate=0.2))),
            Residual(
                layers=(Conv(filters=6, stride=2), BatchNorm()),
                shortcut=(Conv(filters=6, kernel=1, stride=2),),
            ),
            Flatten(),
            Dense(units=3),
        ],
        IMAGE,
    ),
    # The input is read by both ways; one way is empty; a value is reshaped and read twice.
    "odd": (
        [
            Residual(layers=(Repeat(times=0, layers=(ReLU(),)),)),
            Flatten(),
            Residual(layers=(Flatten(), Dense(units=128))),
            Residual(layers=(Flatten(), Residual(layers=(GELU(),)))),
            Repeat(times=2, layers=(Dense(units=8), Repeat(times=2, layers=(Tanh(),)))),
            Dense(units=3),
        ],
        IMAGE,
    ),
    # About a quarter of the steps are padding, which depends on what is learned below.
    "sequence": (
        [
            *(Dense(units=2), ReLU(), Masking(), Dense(units=4)),
            LSTM(units=2, output="sequence", bidirectional=True),
            Residual(layers=(MultiHeadAttention(heads=2, causal=True), Dropout(rate=0.2))),
            *(TransformerBlock(heads=2, hidden=5, dropout=0.1), GRU(units=5), Dense(units=3)),
        ],
        (6, 3),
    ),
    "pooled": (
        [
            *(Dense(units=2), ReLU(), Masking(), PositionalEmbedding(), Dense(units=4)),
            *(RNN(units=4, output="sequence"), MaxOverTime(), Dense(units=3)),
        ],
        (6, 3),
    ),
    # Named values that are read from afar, twice, and by one layer twice; the input as well.
    "graph": (
        [
            *(InstanceNorm(), Label(name="stem"), Conv(filters=4), ReLU(), Label(name="deep")),
            Parallel(branches=((), (Conv(filters=2),), (Conv(filters=3, kernel=1), Tanh()))),
            *(
                Conv(filters=2),
                Label(name="wide"),
                From(node="deep"),
                GlobalAveragePool(),
                Dense(units=2),
                Sigmoid(),
            ),
            *(Label(name="gate"), From(node="stem"), Multiply(inputs=("previous", "gate"))),
            *(Label(name="gated"), Multiply(inputs=("gated", "gated", "input"))),
            Add(inputs=("previous", "stem", "gate", "wide")),
            Label(name="sum"),
            Concatenate(inputs=("sum", "stem"), axis=0),
            *(Flatten(), Dense(units=3)),
        ],
        IMAGE,
    ),
    # A value that is given another shape before and after others read it.
    "shapes": (
        [
            *(Label(name="image"), Reshape(shape=(-1, 16)), Permute(axes=(1, 0)), Flatten()),
            *(Dense(units=128), Label(name="flat"), Reshape(shape=(8, 8, 2))),
            *(Add(inputs=("previous", "image")), Softmax(), Reshape(shape=(128,))),
            *(Multiply(inputs=("previous", "flat")), Dense(units=3)),
        ],
        IMAGE,
    ),
    "norms": (
        [
            *(LayerNorm(shift=False), Conv(filters=4), GroupNorm(groups=2), PReLU()),
            *(BatchNorm(frozen=True), ReLU()),
            *(SpatialDropout(), Conv(filters=4), InstanceNorm(scale=False), Mish()),
            *(GaussianNoise(std=0.2), RMSNorm(), MaxPool()),
            *(Flatten(), LayerNorm(), Dense(units=3)),
        ],
        IMAGE,
    ),
}
BATCH = 12
TARGETS = np.random.default_rng(7).integers(0, 3, BATCH)

every_network = pytest.mark.parametrize("name", NETWORKS)


@pytest.fixture(params=["one chunk", "many chunks"])
def _chunks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "many chunks":
        monkeypatch.setattr(segments, "_CHUNK_BYTES", 200)


def network(name: str, dtype: str = "float64") -> Network:
    layers, shape = NETWORKS[name]
    made = Network(build_graph(layers, shape), CrossEntropy(), dtype)
    made.parameters.initialize(5, HeNormal())
    return made


def training_plan(of: Network, batch: int = BATCH, memory: np.ndarray | None = None) -> Plan:
    plan = of.training_plan(batch, TARGETS[:batch], Clock(seed=1, epoch=2, step=3), memory)
    plan.memory.view(np.uint8)[...] = 0xFF  # NaN, or nonsense, wherever nothing was written
    return plan


def samples(of: Network, count: int = BATCH) -> np.ndarray:
    return np.random.default_rng(8).normal(size=(count, *of.graph.input.shape))


def step(plan: Plan, x: np.ndarray) -> float:
    plan.input[...] = x
    plan.forward()
    loss = plan.loss()
    plan.backward()
    return loss


@every_network
@pytest.mark.usefixtures("_chunks")
def test_gradients_of_whole_networks_are_derivatives(name: str) -> None:
    of = network(name)
    plan, x = training_plan(of), samples(of)
    step(plan, x)
    weights = of.parameters.values[: len(of.parameters.grads)]
    start, slope = weights.copy(), of.parameters.grads.copy()
    direction = np.random.default_rng(9).normal(size=len(weights))
    ends = []
    for sign in (1, -1):
        weights[:] = start + sign * 1e-6 * direction
        ends.append(step(plan, x))
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope @ direction, rel=1e-6, abs=1e-9)


@every_network
def test_cutting_the_batch_changes_the_order_of_sums_only(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for chunk_bytes in (10**9, 200):
        monkeypatch.setattr(segments, "_CHUNK_BYTES", chunk_bytes)
        of = network(name)
        loss = step(training_plan(of), samples(of))
        results.append((loss, of.parameters.grads.copy()))
    assert results[0][0] == pytest.approx(results[1][0], rel=1e-12)
    np.testing.assert_allclose(results[0][1], results[1][1], rtol=1e-9, atol=1e-12)


@every_network
@pytest.mark.usefixtures("_chunks")
def test_a_smaller_plan_in_the_same_memory_gives_the_same_bits(name: str) -> None:
    alone, shared = network(name, "float32"), network(name, "float32")
    large = training_plan(shared)
    small = training_plan(shared, 5, large.memory)
    step(large, samples(shared))
    shared.parameters.initialize(5, HeNormal())
    own = training_plan(alone, 5)
    assert step(own, samples(alone, 5)) == step(small, samples(shared, 5))
    np.testing.assert_array_equal(alone.parameters.grads, shared.parameters.grads)


@every_network
def test_the_same_step_twice_gives_the_same_bits(name: str) -> None:
    of = network(name, "float32")
    plan = training_plan(of)
    first = step(plan, samples(of)), of.parameters.grads.copy()
    of.parameters.initialize(5, HeNormal())
    assert step(plan, samples(of)) == first[0]
    np.testing.assert_array_equal(of.parameters.grads, first[1])


@every_network
def test_a_prediction_does_not_depend_on_its_batch(name: str) -> None:
    of = network(name)
    x = samples(of, 300)
    together = of.predict(x)
    np.testing.assert_allclose(together[270:277], of.predict(x[270:277]), rtol=1e-12)
    np.testing.assert_allclose(together.sum(axis=1), 1.0)


FUSED: dict[str, list[Layer]] = {
    "conv+relu": [Conv(filters=4), ReLU()],
    "conv+batch_norm": [Conv(filters=4), BatchNorm(eps=0.3)],
    "conv+batch_norm+relu": [Conv(filters=4, bias=False, groups=2), BatchNorm(), ReLU()],
    "batch_norm+relu": [BatchNorm(), ReLU(), Tanh()],
    "batch_norm+relu+max_pool": [BatchNorm(), ReLU(), MaxPool()],
}


@pytest.mark.parametrize("name", FUSED)
def test_layers_that_became_one_predict_what_they_predict_apart(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = build_graph([*FUSED[name], Flatten(), Dense(units=3)], IMAGE)
    assert name.split("+") == [
        part.rpartition("_")[0] for part in fuse(graph, training=False).nodes[0].name.split("+")
    ]
    predictions = []
    for _ in ("fused", "apart"):
        of = Network(graph, CrossEntropy(), "float64")
        random = np.random.default_rng(3)
        for value in of.parameters.named().values():
            value[...] = random.uniform(0.2, 1.5, value.shape)
        predictions.append(of.predict(samples(of, 9) - 2.0))
        monkeypatch.setattr("dlrun.nn.engine.plan.fuse", lambda graph, training: graph)
    np.testing.assert_allclose(*predictions, rtol=1e-11)


@every_network
def test_memory_is_reused_but_never_while_it_matters(name: str) -> None:
    layers, shape = NETWORKS[name]
    graph = build_graph(layers, shape)
    for training in (True, False):
        placed = layout.lay_out(graph, BATCH, training=training)
        apart = sum(
            int(np.prod(slot.shape)) * np.dtype(slot.dtype).itemsize
            for slot in placed.slots.values()
        )
        assert placed.size <= apart + 64 * len(placed.slots)
    inference = layout.lay_out(graph, BATCH, training=False).size
    assert inference < layout.lay_out(graph, BATCH, training=True).size


def test_parameters_lie_in_groups_by_decay_and_each_on_a_cache_line() -> None:
    graph = build_graph(NETWORKS["cnn"][0], IMAGE)
    parameters = Parameters(graph)
    decaying, free = parameters.blocks
    assert decaying.like.decay and not free.like.decay and decaying.stop == free.start
    start = parameters.values.ctypes.data
    for name, value in parameters.named().items():
        offset = (value.ctypes.data - start) // 4
        assert value.ctypes.data % 64 == 0
        decays = name.endswith("kernel")
        assert (offset < decaying.stop) == decays
        follows = name in ("batch_norm_1.mean", "batch_norm_1.variance")
        assert (offset >= free.stop) == follows


def test_a_layer_without_parameters_in_between_changes_no_initial_weight() -> None:
    def kernels(layers: list[Layer]) -> list[np.ndarray]:
        parameters = Parameters(build_graph(layers, (4,)))
        parameters.initialize(0, HeNormal())
        return [v for name, v in parameters.named().items() if name.endswith("kernel")]

    plain = kernels([Dense(units=5), Dense(units=6)])
    between = kernels([Dense(units=5), Dropout(), ReLU(), Dense(units=6)])
    for a, b in zip(plain, between, strict=True):
        np.testing.assert_array_equal(a, b)
