"""Initializers: their distributions, by statistics; structure; determinism."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from dlrun.nn.engine.arena import Parameters
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.constant import Constant
from dlrun.nn.initializers.he import HeNormal, HeUniform
from dlrun.nn.initializers.identity import Identity
from dlrun.nn.initializers.lecun import LeCunNormal, LeCunUniform
from dlrun.nn.initializers.lsuv import Lsuv
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.initializers.orthogonal import Orthogonal
from dlrun.nn.initializers.sparse import Sparse
from dlrun.nn.initializers.truncated_normal import TruncatedNormal
from dlrun.nn.initializers.uniform import Uniform
from dlrun.nn.initializers.xavier import XavierNormal, XavierUniform
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.layers.attention import MultiHeadAttention
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.conv_transpose import ConvTranspose
from dlrun.nn.layers.gru import GRU
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.rnn import RNN
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.rng import Stream, generator

FAN_IN, FAN_OUT = 300, 200
SHAPE = (FAN_IN, FAN_OUT)


@dataclass(frozen=True)
class Row:
    """A rule and what its values are like.

    Attributes:
        distribution: of every single value; None where they depend on one another.
    """

    rule: Initializer
    mean: float
    std: float
    bound: float = math.inf
    distribution: Any = None


def normal(rule: Initializer, std: float, mean: float = 0.0) -> Row:
    return Row(rule, mean, std, distribution=stats.norm(mean, std))


def uniform(rule: Initializer, bound: float) -> Row:
    return Row(rule, 0.0, bound / math.sqrt(3), bound, stats.uniform(-bound, 2 * bound))


def truncated(rule: TruncatedNormal) -> Row:
    found = stats.truncnorm(-rule.cut, rule.cut, rule.mean, rule.std)
    return Row(rule, rule.mean, found.std(), abs(rule.mean) + rule.cut * rule.std, found)


SHARE = FAN_OUT / math.prod(SHAPE)  # of the ones on a diagonal
ROWS = [
    Row(Zeros(), 0.0, 0.0, 0.0),
    Row(Ones(), 1.0, 0.0, 1.0),
    Row(Constant(value=-0.3), -0.3, 0.0, 0.3),
    normal(Normal(), 0.05),
    normal(Normal(std=2.0, mean=3.0), 2.0, 3.0),
    truncated(TruncatedNormal()),
    truncated(TruncatedNormal(std=2.0, mean=0.5, cut=0.3)),
    uniform(Uniform(), 0.05),
    Row(Uniform(bound=2.0, mean=1.0), 1.0, 2 / math.sqrt(3), 3.0, stats.uniform(-1, 4)),
    normal(XavierNormal(), math.sqrt(2 / 500)),
    uniform(XavierUniform(), math.sqrt(6 / 500)),
    uniform(XavierUniform(gain=2.0), 2 * math.sqrt(6 / 500)),
    normal(HeNormal(), math.sqrt(2 / 300)),
    normal(HeNormal(gain=1.0), math.sqrt(1 / 300)),
    normal(HeNormal(mode="fan_out"), math.sqrt(2 / 200)),
    normal(HeNormal(mode="average"), math.sqrt(2 / 250)),
    uniform(HeUniform(), math.sqrt(6 / 300)),
    uniform(HeUniform(mode="fan_out", gain=0.5), 0.5 * math.sqrt(3 / 200)),
    normal(LeCunNormal(), math.sqrt(1 / 300)),
    normal(LeCunNormal(gain="auto"), math.sqrt(1 / 300)),
    uniform(LeCunUniform(mode="fan_out"), math.sqrt(3 / 200)),
    Row(Orthogonal(), 0.0, math.sqrt(1 / 300)),
    Row(Orthogonal(gain=3.0), 0.0, 3 * math.sqrt(1 / 300)),
    Row(Lsuv(), 0.0, math.sqrt(1 / 300)),
    Row(Identity(), SHARE, math.sqrt(SHARE * (1 - SHARE)), 1.0),
    Row(Sparse(sparsity=0.9), 0.0, 0.01 * math.sqrt(0.1)),
    Row(Sparse(sparsity=0.25, std=2.0), 0.0, 2 * math.sqrt(0.75)),
]
IDS = [f"{row.rule.kind}-{number}" for number, row in enumerate(ROWS)]
every_row = pytest.mark.parametrize("row", ROWS, ids=IDS)
FIXED = (Zeros, Ones, Constant, Identity)


def sample(
    rule: Initializer, number: int = 0, shape: tuple[int, ...] = SHAPE, seed: int = 11
) -> np.ndarray:
    return rule.sample(generator(seed, Stream.INIT, number), shape, FAN_IN, FAN_OUT)


def matrix(values: np.ndarray) -> np.ndarray:
    return values.reshape(-1, values.shape[-1])


def test_every_initializer_of_the_catalog_has_a_row() -> None:
    from dlrun import catalog

    catalog.load()

    assert {row.rule.kind for row in ROWS} == set(catalog.Initializer.family)


@every_row
def test_mean_deviation_and_bounds(row: Row) -> None:
    values = sample(row.rule)
    n = values.size
    # Five standard errors, of rare values more: a right rule fails once in a million seeds.
    wide = math.sqrt(stats.kurtosis(values, axis=None, fisher=False)) if row.std else 0
    assert values.mean() == pytest.approx(row.mean, abs=5 * row.std / math.sqrt(n) + 1e-15)
    assert values.std() == pytest.approx(row.std, rel=5 * max(1, wide) / math.sqrt(n), abs=1e-15)
    assert np.abs(values).max() <= row.bound
    if math.isfinite(row.bound):
        assert np.abs(values).max() == pytest.approx(row.bound, rel=1e-3)


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row.distribution],
    ids=[name for name, row in zip(IDS, ROWS, strict=True) if row.distribution],
)
def test_values_are_distributed_as_promised(row: Row) -> None:
    """Kolmogorov and Smirnov look at the whole distribution, so at every moment at once."""
    values = sample(row.rule).reshape(-1)
    assert stats.kstest(values, row.distribution.cdf).pvalue > 1e-6
    expected = float(row.distribution.stats("k"))
    assert stats.kurtosis(values) == pytest.approx(expected, abs=5 * math.sqrt(24 / values.size))


@every_row
def test_values_depend_on_the_stream_alone(row: Row) -> None:
    np.testing.assert_array_equal(sample(row.rule), sample(row.rule))
    assert isinstance(row.rule, FIXED) == np.array_equal(sample(row.rule), sample(row.rule, 1))


@every_row
@pytest.mark.parametrize("shape", [(7,), (3, 5), (5, 3), (3, 3, 4, 6), (2, 1, 6, 2), (4, 3, 2)])
def test_every_shape_of_a_parameter_is_filled(row: Row, shape: tuple[int, ...]) -> None:
    values = sample(row.rule, shape=shape)
    assert values.shape == shape
    assert values.dtype == np.float64
    assert np.isfinite(values).all()


@pytest.mark.parametrize("name", ["xavier_normal", "xavier_uniform", "he_normal", "he_uniform"])
def test_the_other_names_of_the_same_rules_are_known(name: str) -> None:
    other = name.replace("xavier", "glorot").replace("he_", "kaiming_")
    assert Initializer.family[other] is Initializer.family[name]


@pytest.mark.parametrize("rule", [Orthogonal(), Orthogonal(gain=2.0), Lsuv()], ids=repr)
@settings(deadline=None)
@given(
    shape=st.sampled_from([(5, 5), (9, 4), (4, 9), (3, 3, 2, 7), (3, 3, 4, 40), (6, 1), (1, 6)]),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_fewer_of_rows_and_columns_are_orthogonal(
    rule: Orthogonal | Lsuv, shape: tuple[int, ...], seed: int
) -> None:
    values = matrix(sample(rule, shape=shape, seed=seed))
    product = values.T @ values if len(values) >= values.shape[1] else values @ values.T
    gain = rule.factor() if isinstance(rule, Orthogonal) else 1.0
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-12)


def test_no_orthogonal_matrix_is_favoured() -> None:
    """Under the uniform distribution det is 1 and -1 equally often, and E[trace^2] is 1."""
    found = [sample(Orthogonal(), n, (3, 3)) for n in range(2000)]
    signs = np.sign(np.linalg.det(found))
    assert abs(signs.mean()) < 5 / math.sqrt(2000)
    traces = np.trace(found, axis1=1, axis2=2)
    assert abs(traces.mean()) < 5 / math.sqrt(2000)
    assert np.square(traces).mean() == pytest.approx(1, abs=0.2)


@settings(deadline=None)
@given(rows=st.integers(1, 40), columns=st.integers(1, 10), sparsity=st.floats(0, 0.99))
def test_every_output_has_as_many_zeros(rows: int, columns: int, sparsity: float) -> None:
    values = sample(Sparse(sparsity=sparsity), shape=(rows, columns))
    zeros = (values == 0).sum(axis=0)
    assert (zeros == math.ceil(sparsity * rows)).all()


def test_what_is_not_zero_is_normal_and_anywhere() -> None:
    values = sample(Sparse(sparsity=0.5, std=1.0))
    assert stats.kstest(values[values != 0], stats.norm.cdf).pvalue > 1e-6
    # A row has 200 chances of one half.
    assert stats.kstest((values == 0).sum(axis=1), stats.binom(200, 0.5).cdf).statistic < 0.1


def test_an_identity_passes_on_what_it_gets() -> None:
    x = np.random.default_rng(0).normal(size=(4, 6))
    np.testing.assert_array_equal(x @ sample(Identity(), shape=(6, 6)), x)
    np.testing.assert_array_equal(x @ sample(Identity(gain=2.0), shape=(6, 3)), 2 * x[:, :3])
    wider = x @ sample(Identity(), shape=(6, 8))
    np.testing.assert_array_equal(wider, np.pad(x, ((0, 0), (0, 2))))


@pytest.mark.parametrize("rule", [HeNormal(), XavierNormal(), LeCunNormal()], ids=repr)
def test_the_bits_are_those_of_the_formula(rule: Initializer) -> None:
    widths = {
        "he_normal": math.sqrt(2.0) / math.sqrt(FAN_IN),
        "xavier_normal": 1.0 * math.sqrt(2.0 / (FAN_IN + FAN_OUT)),
        "lecun_normal": 1.0 / math.sqrt(FAN_IN),
    }
    expected = generator(11, Stream.INIT, 0).normal(0.0, widths[rule.kind], SHAPE)
    np.testing.assert_array_equal(sample(rule), expected)


STACKED: list[tuple[Layer, tuple[int, ...], str, int]] = [
    (LSTM(units=6), (3, 6), "kernel", 4),
    (LSTM(units=6), (3, 6), "recurrent", 4),
    (LSTM(units=6, bidirectional=True), (3, 6), "reverse_recurrent", 4),
    (GRU(units=6), (3, 6), "recurrent", 3),
    (RNN(units=6), (3, 6), "recurrent", 1),
    (MultiHeadAttention(heads=2), (3, 6), "kernel", 3),
    (MultiHeadAttention(heads=2), (3, 6), "output_kernel", 1),
    (Conv(filters=12, kernel=1, groups=2), (4, 4, 12), "kernel", 2),
]


@pytest.mark.parametrize(("layer", "shape", "name", "blocks"), STACKED)
def test_matrices_that_lie_side_by_side_are_each_one(
    layer: Layer, shape: tuple[int, ...], name: str, blocks: int
) -> None:
    """As torch's ``orthogonal_`` and ``eye_`` on each gate's own matrix."""
    for rule in (Orthogonal(gain=1.5), Identity(gain=1.5)):
        parameters = Parameters(build_graph([layer], shape), "float64")
        parameters.initialize(3, rule)
        values = parameters.named()[f"{layer.kind}_1.{name}"]
        matrices = np.split(values.reshape(-1, values.shape[-1]), blocks, axis=1)
        for matrix in matrices:
            assert matrix.shape == (6, 6)
            singular = np.linalg.svd(matrix, compute_uv=False)
            np.testing.assert_allclose(singular, 1.5, rtol=1e-12)
            if isinstance(rule, Identity):
                np.testing.assert_array_equal(matrix, 1.5 * np.eye(6))
        assert isinstance(rule, Identity) or len({m.tobytes() for m in matrices}) == blocks


def test_an_identity_passes_on_every_channel_of_a_depthwise_convolution() -> None:
    layer = Conv(filters=5, kernel=3, groups="depthwise", initializer=Identity())
    network = Network(build_graph([layer], (6, 6, 5)), MeanSquaredError(), "float64", threads=1)
    network.parameters.initialize(0, XavierUniform())
    x = np.random.default_rng(0).normal(size=(2, 6, 6, 5))
    np.testing.assert_allclose(network.outputs(x), x)


def test_an_orthogonal_depthwise_filter_has_its_gain_however_many_there_are() -> None:
    layer = Conv(filters=40, kernel=3, groups="depthwise", initializer=Orthogonal(gain=2.0))
    parameters = Parameters(build_graph([layer], (6, 6, 40)), "float64")
    parameters.initialize(0, XavierUniform())
    filters = parameters.named()["conv_1.kernel"].reshape(9, 40)
    np.testing.assert_allclose(np.linalg.norm(filters, axis=0), 2.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("kernel", "stride"), [(3, 1), (4, 2), (3, 2), (6, 3), (2, 2), ((4, 3), (2, 1))]
)
def test_a_transposed_convolution_keeps_the_variance_at_any_stride(
    kernel: Any, stride: Any
) -> None:
    layer = ConvTranspose(filters=30, kernel=kernel, stride=stride, bias=False)
    network = Network(build_graph([layer], (12, 12, 40)), MeanSquaredError(), "float64", threads=1)
    network.parameters.initialize(1, LeCunNormal())
    y = network.outputs(np.random.default_rng(0).normal(size=(40, 12, 12, 40)))
    inner = y[:, 4:-4, 4:-4]  # far from the edges, which fewer pixels reach
    assert inner.var() == pytest.approx(1, rel=0.06)
