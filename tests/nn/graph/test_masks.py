"""The rule of masks: a padded sequence gives what the sequence alone would give, or is refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest
from layer_cases import CASES, Masked

import dlrun.catalog  # noqa: F401
from dlrun.arrays import Array, Shape
from dlrun.errors import SpecError
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import GraphBuilder, Value, build_graph
from dlrun.nn.initializers.normal import Normal
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.base import Arrays, Bound, Clock, Context, Layer, Tensor, Tensors, layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.conv_transpose import ConvTranspose
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.embedding import Embedding
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.lstm import LSTM
from dlrun.nn.layers.masking import Masking
from dlrun.nn.layers.merge import Add, Concatenate, Multiply
from dlrun.nn.layers.node import From, Label
from dlrun.nn.layers.over_time import LastStep, MeanOverTime
from dlrun.nn.layers.parallel import Parallel
from dlrun.nn.layers.permute import Permute
from dlrun.nn.layers.pool import AveragePool, GlobalAveragePool, MaxPool
from dlrun.nn.layers.repeat import Repeat
from dlrun.nn.layers.reshape import Reshape
from dlrun.nn.layers.residual import Residual
from dlrun.nn.layers.sample_norm import LayerNorm
from dlrun.nn.layers.softmax import Softmax
from dlrun.nn.layers.transformer_block import TransformerBlock
from dlrun.nn.layers.upsample import Upsample
from dlrun.nn.losses.mse import MeanSquaredError

LENGTH, LONGER = 12, 18
"""Steps of a padded sequence, and of the same one with more padding: a multiple of all strides, so
that windows with ``same`` padding stand where they stood."""

STEPS = (12, 6, 1, 0)
"""Valid steps of the sequences of a batch; the second one is also looked at alone."""


class Pick(Layer):
    """(time, n + 1) to (time, ...): all features but the first, whose ones are valid steps."""

    kind: ClassVar = "pick"

    shape: tuple[int, ...]

    def output_shape(self, x: Shape) -> Shape:
        return (x[0], *self.shape)

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        return Bound(lambda: np.copyto(y.value, x.value[..., 1:].reshape(y.value.shape)))


class First(Layer):
    """The mask that the first feature is."""

    kind: ClassVar = "mask"
    marks: ClassVar = True

    def output_shape(self, x: Shape) -> Shape:
        return x[:1]

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        return Bound(lambda: np.copyto(y.value, x.value[..., 0]))


class Given(Layer):
    """A sequence whose padding holds anything, with the mask that comes beside it."""

    kind: ClassVar = "given"

    shape: tuple[int, ...]
    masked: bool = True

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        y = graph.add(Pick(shape=self.shape), (x,))
        mask = graph.add(First(), (x,)) if self.masked else None
        return Value(y.number, y.shape, mask)


def built(layers: Sequence[Layer], shape: Shape, length: int, *, masked: bool = True) -> Network:
    """A network over sequences of steps of a shape, with the same weights for any length."""
    given = Given(shape=shape, masked=masked)
    graph = build_graph([given, *layers], (length, int(np.prod(shape)) + 1))
    network = Network(graph, MeanSquaredError(), "float64")
    network.parameters.initialize(3, Normal(std=0.5))
    return network


def padded(steps: Sequence[int], shape: Shape, length: int, padding: float) -> Array:
    """Sequences of so many steps, (n, length, features + 1), the same whatever the padding."""
    size = int(np.prod(shape))
    x = np.full((len(steps), length, size + 1), padding)
    x[..., 0] = 0
    for row, count in zip(x, steps, strict=True):
        row[:count, 0] = 1
        row[:count, 1:] = np.random.default_rng(count).normal(size=(count, size))
    return x


def valid(network: Network, x: Array) -> list[Array]:
    """Of each sample, the outputs at valid steps, or all that there is."""
    outputs, mask = network.masked_outputs(x)
    if mask is None:
        return list(outputs)
    axis = network.graph.output.axis
    return [np.moveaxis(y, axis, 0)[m != 0] for y, m in zip(outputs, mask, strict=True)]


OTHERS: list[tuple[Layer, Shape]] = [
    (Flatten(), (2,)),
    (Reshape(shape=(-1, 4)), (2,)),
    (Reshape(shape=(-1, 1)), (2,)),
    (Reshape(shape=(LENGTH, 2, 1)), (2,)),
    (Masking(), (2,)),
    (Residual(layers=(Dense(units=2),)), (2,)),
    (Residual(layers=(Conv(filters=2),), shortcut=(Conv(filters=2, kernel=5),)), (2,)),
    (Parallel(branches=((MaxPool(),), (Conv(filters=2, kernel=2, stride=2),))), (2,)),
    (Parallel(branches=((), (MaxPool(),)), axis=0), (2,)),
    (Parallel(branches=((), (ReLU(),)), merge="multiply"), (2,)),
    (Repeat(times=2, layers=(Conv(filters=2, kernel=2, padding="valid"), ReLU())), (2,)),
    (TransformerBlock(heads=1), (2,)),
    (TransformerBlock(heads=1, norm=BatchNorm()), (2,)),
    (Conv(filters=2, kernel=3, padding="valid", dilation=2), (2,)),
    (Conv(filters=2, kernel=3, padding=2), (2,)),
    (Conv(filters=2, kernel=(3, 1), stride=(2, 1)), (3, 2)),
    (Conv(filters=2, kernel=5, stride=3), (2,)),
    (MaxPool(size=3, stride=1, padding="same"), (2,)),
    (MaxPool(size=3, stride=2, padding=2), (2,)),
    (AveragePool(size=4, stride=2, padding="same"), (2,)),
    (AveragePool(size=(2, 1)), (3, 2)),
    (ConvTranspose(filters=2, kernel=2, stride=3, padding="valid"), (2,)),
    (ConvTranspose(filters=2, kernel=5, padding=2), (2,)),
    (ConvTranspose(filters=2, kernel=1, stride=2, padding="same"), (2,)),
    (Upsample(size=3), (2,)),
    (Upsample(size=(1, 2), mode="linear"), (3, 2)),
]

SEQUENCES = [
    *((each, shape[1:] or (2,)) for each, shape in CASES if not isinstance(each, Masked)),
    *OTHERS,
]

REFUSED = {"group_norm", "instance_norm"}
"""Layers that no sequence with padding can go through."""


def accepted(each: Layer, shape: Shape) -> bool:
    """Whether the layer takes a sequence, and then also one with padding."""
    try:
        built([each], shape, LENGTH, masked=False)
    except SpecError:
        return False  # of another shape, or embeddings of no tokens
    try:
        built([each], shape, LENGTH)
    except SpecError as fault:
        assert "would mix padding with valid steps; " in str(fault)
        return False
    return True


def test_every_layer_is_looked_at() -> None:
    tried = {each.kind for each, shape in SEQUENCES if accepted(each, shape)}
    others = {"embedding", "node", "from", "add", "multiply", "concatenate", "permute"}
    assert set(layer) == tried | others | REFUSED
    assert not tried & REFUSED


@pytest.mark.parametrize(
    ("each", "shape"),
    [pytest.param(*case, id=f"{case[0].kind}-{n}") for n, case in enumerate(SEQUENCES)],
)
def test_padding_changes_nothing(each: Layer, shape: Shape) -> None:
    if each.kind in ("embedding", "permute") or not accepted(each, shape):
        return  # they have tests of their own
    network = built([each], shape, LENGTH)
    found = valid(network, padded(STEPS, shape, LENGTH, 3.0))
    for one, two in zip(found, valid(network, padded(STEPS, shape, LENGTH, -1e3)), strict=True):
        np.testing.assert_array_equal(one, two)
    if each.kind in ("positional_embedding", "flatten") or isinstance(each, Reshape):
        return  # the length is in their parameters or their output
    longer = valid(built([each], shape, LONGER), padded(STEPS, shape, LONGER, 7.0))
    for one, two in zip(found, longer, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)
    alone = built([each], shape, STEPS[1], masked=False)
    expected = alone.outputs(padded(STEPS[1:2], shape, STEPS[1], np.nan))[0]
    np.testing.assert_allclose(found[1], expected, rtol=1e-9, atol=1e-12)


def stepped(network: Network, x: Array, targets: Array) -> tuple[float, Array, Array]:
    """Loss, gradients and running statistics of a step of training."""
    plan = network.training_plan(len(x), targets, Clock(seed=1, epoch=1, step=1))
    plan.memory.view(np.float64)[:] = np.nan
    plan.input[...] = x
    plan.forward()
    loss = plan.loss()
    plan.backward()
    parameters = network.parameters
    return loss, parameters.grads.copy(), parameters.values[len(parameters.grads) :].copy()


@pytest.mark.parametrize(
    ("each", "shape"),
    [pytest.param(*case, id=f"{case[0].kind}-{n}") for n, case in enumerate(SEQUENCES)],
)
def test_nothing_is_learned_from_padding(each: Layer, shape: Shape) -> None:
    if each.kind in ("embedding", "permute") or not accepted(each, shape):
        return
    before = [Dense(units=shape[-1]), each]
    if not accepted(Repeat(times=1, layers=tuple(before)), shape):
        return
    found = []
    for padding in (2.0, -50.0):
        network = built(before, shape, LENGTH)
        targets = np.ones((len(STEPS), *network.graph.output.shape))
        found.append(stepped(network, padded(STEPS, shape, LENGTH, padding), targets))
    for one, two in zip(*found, strict=True):
        assert np.isfinite(one).all()
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-12)


def test_batch_norm_learns_what_it_would_of_valid_steps_alone() -> None:
    x = padded((12, 6, 1, 0), (3,), LENGTH, 9.0)
    rows = np.concatenate([each[each[:, 0] == 1] for each in x])[:, None]
    layers = [Dense(units=3), BatchNorm(momentum=0.5), ReLU(), Dense(units=1)]
    together = built(layers, (3,), LENGTH)
    apart = built(layers, (3,), 1)
    ours = stepped(together, x, np.ones((4, LENGTH, 1)))
    theirs = stepped(apart, rows, np.ones((len(rows), 1, 1)))
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-10, atol=1e-13)


def test_one_valid_step_has_no_variance_and_leaves_the_running_statistics() -> None:
    layers = [Dense(units=3), BatchNorm(momentum=0.5), Dense(units=1)]
    network = built(layers, (3,), LENGTH)
    statistics = network.parameters.named()["batch_norm_1.variance"]
    statistics[...] = 4.0, 0.25, 9.0
    fixed = built([layers[0], BatchNorm(frozen=True), layers[2]], (3,), LENGTH)
    fixed.parameters.values[...] = network.parameters.values
    x, targets = padded((1, 0, 0), (3,), LENGTH, 7.0), np.ones((3, LENGTH, 1))
    ours, theirs = stepped(network, x, targets), stepped(fixed, x, targets)
    np.testing.assert_array_equal(statistics, [4.0, 0.25, 9.0])
    assert np.abs(ours[1]).max() > 0
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-12, atol=1e-14)


def test_a_batch_of_nothing_but_padding_teaches_nothing() -> None:
    layers = [Dense(units=2), BatchNorm(), Conv(filters=2), MaxPool(), Dense(units=1)]
    network = built(layers, (2,), LENGTH)
    before = network.parameters.values.copy()
    loss, gradients, _ = stepped(network, padded((0, 0), (2,), LENGTH, 5.0), np.ones((2, 6, 1)))
    assert loss == 0.0
    assert not gradients.any()
    np.testing.assert_array_equal(network.parameters.values, before)


def outputs_of(layers: Sequence[Layer], tokens: Array) -> tuple[Array, Array | None]:
    graph = build_graph(layers, tokens.shape[1:])
    network = Network(graph, MeanSquaredError(), "float64")
    network.parameters.initialize(3, Normal(std=0.5))
    return network.masked_outputs(tokens)


def test_the_last_step_of_a_pooled_sequence_is_no_padding() -> None:
    x = np.array([[1.0, 2, 3, 4, 0, 0, 0, 0], [5, 6, 0, 0, 0, 0, 0, 0]])[..., None]
    pooled, _ = outputs_of([Masking(), MaxPool(size=2), LastStep()], x)
    np.testing.assert_array_equal(pooled[:, 0], [4, 6])
    pooled, _ = outputs_of([Masking(), AveragePool(size=2), LastStep()], x)
    np.testing.assert_array_equal(pooled[:, 0], [3.5, 5.5])


def test_a_sequence_shorter_than_a_window_still_counts() -> None:
    x = np.array([[-3.0, 0, 0, 0, 0, 0], [-2, -1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]])[..., None]
    for pool, expected in (
        (MaxPool(size=3), [-3, -1, 0]),
        (AveragePool(size=3), [-3, -1.5, 0]),
    ):
        for end in (LastStep(), MeanOverTime()):
            np.testing.assert_array_equal(outputs_of([Masking(), pool, end], x)[0][:, 0], expected)


def test_masks_that_have_gaps_or_begin_with_padding() -> None:
    x = np.array([[0.0, 0, 3, 1, 5, 2], [4, 0, 0, 0, 7, 8]])[..., None]
    pooled, mask = outputs_of([Masking(), MaxPool(size=2)], x)
    assert mask is not None
    np.testing.assert_array_equal(mask, [[0, 1, 1], [0, 0, 1]])
    np.testing.assert_array_equal(pooled[..., 0] * mask, [[0, 3, 5], [0, 0, 8]])
    _, mask = outputs_of([Masking(), Conv(filters=1, stride=2)], x)
    np.testing.assert_array_equal(mask, [[0, 1, 1], [1, 0, 1]])


def test_merges_have_steps_that_all_inputs_have() -> None:
    tokens = np.array([[1.0, 2, 9, 9, 0, 0]])
    one: list[Layer] = [Label(name="x"), Embedding(units=2, tokens=10, padding=0), Label(name="a")]
    two: list[Layer] = [From(node="x"), Embedding(units=2, tokens=10, padding=9), Label(name="b")]
    for merge in (Add, Multiply, Concatenate):
        _, mask = outputs_of([*one, *two, merge(inputs=("a", "b"))], tokens)
        np.testing.assert_array_equal(mask, [[1, 1, 0, 0, 0, 0]])
    _, mask = outputs_of([*one, *two, Concatenate(inputs=("a", "b"), axis=0)], tokens)
    np.testing.assert_array_equal(mask, [[1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1]])
    plain: list[Layer] = [From(node="x"), Embedding(units=2, tokens=10)]
    _, mask = outputs_of([*one, *plain, Concatenate(inputs=("previous", "a"), axis=0)], tokens)
    np.testing.assert_array_equal(mask, [[1] * 6 + [1, 1, 1, 1, 0, 0]])
    _, mask = outputs_of([*one, *plain, Add(inputs=("previous", "a"))], tokens)
    np.testing.assert_array_equal(mask, [[1, 1, 1, 1, 0, 0]])


def test_a_second_masking_does_not_take_padding_back() -> None:
    x = np.array([[1.0, 2, 5, 0]])[..., None]
    _, mask = outputs_of([Masking(), Masking(value=5.0), Dense(units=1), Masking(value=77.0)], x)
    np.testing.assert_array_equal(mask, [[1, 1, 0, 0]])


def test_two_permutes_bring_the_time_axis_back() -> None:
    shape, there = (3,), [Permute(axes=(1, 0)), ReLU()]
    ways = ([*there, Permute(axes=(1, 0)), LSTM(units=2)], [ReLU(), LSTM(units=2)])
    x = padded(STEPS, shape, LENGTH, 4.0)
    around, straight = (built(way, shape, LENGTH).outputs(x) for way in ways)
    np.testing.assert_array_equal(around, straight)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ([Permute(axes=(1, 0)), Dense(units=2)], "dense would mix padding"),
        ([Permute(axes=(1, 0)), Softmax()], "softmax would mix padding"),
        ([Permute(axes=(1, 0)), LayerNorm()], "layer_norm would mix padding"),
        ([Permute(axes=(1, 0)), LSTM(units=2)], "put the time axis first, with permute"),
        ([Permute(axes=(1, 0)), GlobalAveragePool()], "put the time axis first, with permute"),
        ([Permute(axes=(1, 0)), Masking()], "masking needs"),
        ([Permute(axes=(1, 0)), Reshape(shape=(-1, 2))], "keep the steps along the first axis"),
        ([Reshape(shape=(8, 3))], "keep the steps along the first axis, or use flatten"),
        ([Upsample(mode="linear")], "use mode: nearest"),
        (
            [Label(name="a"), Permute(axes=(1, 0)), Dense(units=2, bias=False)],
            "dense would mix padding with valid steps; end the time axis before it",
        ),
    ],
)
def test_what_cannot_leave_padding_out_is_refused(layers: list[Layer], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        built(layers, (2,), LENGTH)


def test_time_axes_that_do_not_fall_on_one_another_are_refused() -> None:
    layers: list[Layer] = [
        *(Label(name="a"), Permute(axes=(1, 0)), Add(inputs=("previous", "a"))),
    ]
    with pytest.raises(SpecError, match="add would mix padding with valid steps: the time axes"):
        built(layers, (LENGTH,), LENGTH)


def test_tokens_with_padding_need_no_copy_before_a_convolution() -> None:
    """Their vectors at padding are 0 already."""
    layers: list[Layer] = [Embedding(units=3, tokens=9, padding=0), Conv(filters=2)]
    assert [node.operation.kind for node in build_graph(layers, (7,)).nodes].count("blank") == 0
    layers.insert(1, Dense(units=3))
    assert [node.operation.kind for node in build_graph(layers, (7,)).nodes].count("blank") == 1
