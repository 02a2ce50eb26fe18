"""Masks on their way through a network, and what is special about each layer for sequences."""

from __future__ import annotations

import numpy as np
import pytest
from layer_cases import Masked, bench
from pydantic import ValidationError

from dlrun.errors import DataError, ShapeError, SpecError
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import Graph, build_graph
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.dropout import Dropout
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.over_time import LastStep, MaxOverTime, MeanOverTime
from dlrun.nn.layers.positions import PositionalEmbedding, PositionalEncoding, sinusoids
from dlrun.nn.layers.residual import Residual
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.layers.sample_norm import LayerNorm
from dlrun.nn.layers.transformer_block import TransformerBlock
from dlrun.nn.losses.mse import MeanSquaredError

MASK = np.array([[1, 1, 1, 0], [0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 0, 1]])


def masked_nodes(graph: Graph) -> set[str]:
    return {node.name for node in graph.nodes if node.inputs[0].mask is not None}


def test_a_mask_goes_on_where_the_axis_of_time_does() -> None:
    layers: list[Layer] = [
        *(Dense(units=4), Masking(), ReLU(), Dense(units=6), Dropout(), PositionalEncoding()),
        *(Residual(layers=(LayerNorm(), MultiHeadAttention(heads=2))), TransformerBlock(heads=2)),
        *(LSTM(units=3, output="sequence"), MeanOverTime(), Dense(units=5)),
    ]
    graph = build_graph(layers, (7, 2))
    everywhere = {node.name for node in graph.nodes}
    assert everywhere - masked_nodes(graph) == {"dense_1", "mask_1", "dense_5"}
    for ending in (Flatten(), GRU(units=3), LastStep(), MaxOverTime()):
        graph = build_graph([Masking(), ending, Dense(units=2)], (7, 2))
        assert "dense_1" not in masked_nodes(graph)


def outputs(layers: list[Layer], x: np.ndarray) -> np.ndarray:
    network = Network(build_graph(layers, x.shape[1:]), MeanSquaredError(), "float64")
    network.parameters.initialize(1, HeNormal())
    return network.outputs(x)


LAYERS: dict[str, list[Layer]] = {
    "rnn": [RNN(units=3)],
    "lstm": [LSTM(units=3, bidirectional=True, output="sequence"), MeanOverTime()],
    "gru": [GRU(units=3, output="sequence"), LastStep()],
    "attention": [MultiHeadAttention(heads=2), MaxOverTime()],
    "transformer": [PositionalEncoding(), TransformerBlock(heads=2), MeanOverTime()],
}


@pytest.mark.parametrize("name", LAYERS)
def test_padding_changes_nothing(name: str) -> None:
    x = np.random.default_rng(2).normal(size=(5, 6, 4))
    longer = np.concatenate([x, np.full((5, 3, 4), -1.0)], axis=1)
    alone = outputs(LAYERS[name], x)
    np.testing.assert_allclose(outputs([Masking(value=-1.0), *LAYERS[name]], longer), alone)
    assert np.abs(outputs(LAYERS[name], longer) - alone).max() > 1e-3  # without the mask it does


def test_an_embedding_masks_its_padding() -> None:
    layers: list[Layer] = [
        Embedding(units=4, tokens=9, padding=0, initializer=Normal(std=1.0)),
        MeanOverTime(),
    ]
    tokens = np.array([[3, 8, 0, 0], [5, 0, 0, 0], [0, 0, 0, 0]])
    table = outputs([Embedding(units=4, tokens=9, initializer=Normal(std=1.0))], np.arange(9.0))
    mean = [(table[3] + table[8]) / 2, table[5], np.zeros(4)]
    np.testing.assert_allclose(outputs(layers, tokens), mean, atol=1e-12)


@pytest.mark.parametrize("wrong", [-1.0, 5.0, 1.5, np.nan])
def test_a_number_that_is_no_token_is_an_error(wrong: float) -> None:
    x = np.array([[0.0, 4.0, wrong]])
    with (
        np.errstate(invalid="ignore"),
        pytest.raises(DataError, match=r"embedding got .*; its 5 tokens are the integers 0 "),
    ):
        outputs([Embedding(units=2, tokens=5)], x)


def test_the_padding_must_be_a_token() -> None:
    with pytest.raises(ValidationError, match="padding 5 must be less than tokens, 5"):
        Embedding(units=2, tokens=5, padding=5)


def test_the_gradient_of_an_embedding_has_the_same_bits_at_any_number_of_threads() -> None:
    tokens = np.random.default_rng(3).integers(40, size=(64, 50))
    found = []
    for threads in (1, 2, 3, 4):
        graph = build_graph([Embedding(units=64, tokens=40, padding=7)], (50,))
        network = Network(graph, MeanSquaredError(), "float32", numba_kernels(), threads)
        network.parameters.initialize(3, HeNormal())
        plan = network.training_plan(64, np.zeros((64, 50, 64), np.float32), Clock())
        plan.input[...] = tokens
        plan.forward()
        plan.loss()
        plan.backward()
        found.append(network.parameters.grads.copy())
    for each in found[1:]:
        np.testing.assert_array_equal(found[0], each)
    assert not found[0].reshape(40, 64)[7].any()
    assert np.abs(found[0].reshape(40, 64)[np.arange(40) != 7]).min(axis=1).all()


def test_causal_attention_does_not_look_ahead() -> None:
    x = np.random.default_rng(4).normal(size=(1, 6, 4))
    changed = x.copy()
    changed[0, 4:] *= -1.0
    layers: list[Layer] = [TransformerBlock(heads=2, causal=True), TransformerBlock(heads=1)]
    before, behind = outputs(layers[:1], x), outputs(layers[:1], changed)
    np.testing.assert_array_equal(before[0, :4], behind[0, :4])
    assert np.abs(outputs(layers[1:], x) - outputs(layers[1:], changed))[0, :4].min() > 1e-9


def test_attention_that_may_see_nothing_gives_its_bias() -> None:
    of = bench(Masked(inner=MultiHeadAttention(heads=2), mask=MASK), (4, 4))
    of.bound.forward()
    bias = of.parameters["output_bias"].value
    np.testing.assert_allclose(of.y.value[3], np.tile(bias, (4, 1)))


def test_pooling_over_time_leaves_padding_out() -> None:
    for layer, rule in (
        (MeanOverTime(), lambda steps: steps.mean(axis=0)),
        (MaxOverTime(), lambda steps: steps.max(axis=0)),
        (LastStep(), lambda steps: steps[-1]),
    ):
        of = bench(Masked(inner=layer, mask=MASK), (4, 3))
        of.bound.forward()
        for x, y, valid in zip(of.x.value, of.y.value, MASK == 1, strict=True):
            np.testing.assert_allclose(y, rule(x[valid]) if valid.any() else 0.0)


def test_the_encoding_is_the_formula_of_the_paper() -> None:
    waves = sinusoids(50, 5)
    for t, i in ((0, 0), (7, 0), (7, 1), (49, 2)):
        assert waves[t, 2 * i] == pytest.approx(np.sin(t / 10000 ** (2 * i / 5)))
        if 2 * i + 1 < 5:
            assert waves[t, 2 * i + 1] == pytest.approx(np.cos(t / 10000 ** (2 * i / 5)))


def test_an_lstm_remembers_from_the_start() -> None:
    for given, expected in ((LSTM(units=3), 1.0), (LSTM(units=3, forget_bias=0.5), 0.5)):
        network = Network(build_graph([given], (4, 2)), MeanSquaredError())
        network.parameters.initialize(0, Ones())
        bias = network.parameters.named()["lstm_1.bias"]
        np.testing.assert_array_equal(bias, [0] * 3 + [expected] * 3 + [0] * 6)


def test_both_kernels_of_a_recurrent_layer_may_have_an_initializer() -> None:
    layer = GRU(units=3, initializer=Ones(), recurrent_initializer=Normal(std=0.1))
    network = Network(build_graph([layer], (4, 2)), MeanSquaredError())
    network.parameters.initialize(0, HeNormal())
    named = network.parameters.named()
    assert (named["gru_1.kernel"] == 1).all() and 0 < np.abs(named["gru_1.recurrent"]).max() < 0.6


@pytest.mark.parametrize(
    "layer",
    [
        *(RNN(units=2), LSTM(units=2), GRU(units=2), MultiHeadAttention(heads=1)),
        *(PositionalEncoding(), PositionalEmbedding(), MeanOverTime(), MaxOverTime(), LastStep()),
    ],
    ids=lambda layer: layer.kind,
)
@pytest.mark.parametrize("shape", [(), (8,), (8, 8, 1)])
def test_layers_of_sequences_refuse_other_shapes(layer: Layer, shape: tuple[int, ...]) -> None:
    expected = f"{layer.kind} needs \\(time, features\\), got \\({', '.join(map(str, shape))}"
    with pytest.raises(ShapeError, match=expected):
        layer.output_shape(shape)


def test_faults_of_shapes_are_shown() -> None:
    with pytest.raises(SpecError, match="cannot divide 6 features among 4 heads"):
        build_graph([TransformerBlock(heads=4)], (5, 6))
    with pytest.raises(SpecError, match=r"needs \(time, features\), got \(6,\)"):
        build_graph([TransformerBlock(heads=2)], (6,))
    with pytest.raises(SpecError, match="masking needs"):
        build_graph([Masking()], ())
