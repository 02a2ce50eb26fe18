"""Groups of parameters: rates, decay, and what is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from dlrun.nn.engine import segments
from dlrun.nn.engine.layout import lay_out
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import Graph, build_graph
from dlrun.nn.graph.groups import Group, grouped
from dlrun.nn.initializers.he import HeNormal
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.layers.activations import ReLU, Tanh
from dlrun.nn.layers.base import Clock, Layer
from dlrun.nn.layers.batch_norm import BatchNorm
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.sgd import SGD
from dlrun.spec.problems import Problems

LAYERS: Sequence[Layer] = [
    *(Conv(filters=4), BatchNorm(), ReLU(), Conv(filters=5), BatchNorm(), Tanh()),
    *(Flatten(), Dense(units=6), Tanh(), Dense(units=3)),
]
SHAPE, BATCH = (6, 6, 2), 8


def graph(*groups: Group) -> Graph:
    problems = Problems()
    made = grouped(build_graph(LAYERS, SHAPE), groups, problems)
    problems.raise_if_any()
    return made


def faults(*groups: Group) -> list[str]:
    problems = Problems()
    grouped(build_graph(LAYERS, SHAPE), groups, problems)
    return problems.messages()


def network(of: Graph) -> Network:
    made = Network(of, CrossEntropy(), "float64", numpy_kernels())
    made.parameters.initialize(2, HeNormal())
    return made


def step(of: Network) -> dict[str, np.ndarray]:
    """Gradients of a step, by name."""
    random = np.random.default_rng(3)
    plan = of.training_plan(BATCH, random.integers(0, 3, BATCH), Clock())
    plan.memory.view(np.uint8)[...] = 0xFF  # NaN wherever nothing was written
    plan.input[...] = random.normal(size=plan.input.shape)
    plan.forward()
    plan.loss()
    plan.backward()
    nodes = of.graph.nodes
    return {
        f"{node.name}.{name}": tensor.grad.copy()
        for node in nodes
        for name, tensor in of.parameters.of(node).items()
        if tensor.grad is not None
    }


def test_names_are_those_of_layers_or_of_parameters() -> None:
    def matched(pattern: str) -> set[str]:
        group = Group(match=pattern, lr_factor=0.5)
        return {
            f"{node.name}.{name}"
            for node in graph(group).nodes
            for name, parameter in node.parameters.items()
            if parameter.lr_factor == 0.5
        }

    assert matched("dense_1") == {"dense_1.kernel", "dense_1.bias"}
    assert matched("dense_[12].bias") == {"dense_1.bias", "dense_2.bias"}
    assert matched("*.scale") == {"batch_norm_1.scale", "batch_norm_2.scale"}
    assert matched("conv_?.kernel") == {"conv_1.kernel", "conv_2.kernel"}


def test_a_pattern_that_matches_nothing_lists_the_names() -> None:
    (fault,) = faults(Group(match="dense_1"), Group(match="Conv_*"))
    assert fault.startswith("no parameter matches 'Conv_*'; known: conv_1.kernel, conv_1.bias")
    assert fault.endswith("dense_2.kernel, dense_2.bias")


def test_a_group_that_changes_nothing_is_a_fault() -> None:
    assert faults(Group(match="*.mean", lr_factor=0.1)) == [
        "the parameters that match '*.mean' are not trained; only 'freeze' applies to them"
    ]


def test_something_must_be_left_to_learn() -> None:
    assert faults(Group(match="*", freeze=True)) == [
        "every parameter is frozen; leave at least one trainable"
    ]
    assert not faults(Group(match="*", freeze=True), Group(match="dense_2.bias"))


def test_what_is_frozen_has_no_rates() -> None:
    with pytest.raises(ValueError, match="a frozen group cannot have 'lr_factor'"):
        Group(match="*", freeze=True, lr_factor=0.1)


def test_rates_and_decay_are_those_of_the_last_group_that_matches() -> None:
    of = network(
        graph(
            Group(match="*", lr_factor=0.5),
            Group(match="conv_*", lr_factor=0.1, weight_decay=0.3),
            Group(match="conv_2.bias", weight_decay=0.0),
            Group(match="dense_2.bias", weight_decay=0.7),
        )
    )
    values = of.parameters.named()
    for value in values.values():
        value[...] = 2.0
    of.parameters.grads[...] = 0.0
    for node in of.graph.nodes:
        for tensor in of.parameters.of(node).values():
            if tensor.grad is not None:
                tensor.grad[...] = 1.0
    updater = Updater(SGD(), of, weight_decay=0.2)
    updater.pace.lr, updater.pace.step = 0.1, 1
    updater()
    expected = {
        "conv_1.kernel": (0.01, 0.3),
        "conv_1.bias": (0.01, 0.3),
        "conv_2.bias": (0.1, 0.0),
        "dense_1.kernel": (0.05, 0.2),
        "dense_1.bias": (0.05, 0.0),
        "batch_norm_1.scale": (0.05, 0.0),
        "dense_2.bias": (0.1, 0.7),
    }
    for name, (lr, decay) in expected.items():
        np.testing.assert_allclose(values[name], 2.0 - lr * (1.0 + decay * 2.0), rtol=1e-12)


def test_a_group_is_one_block_however_many_layers_it_has() -> None:
    of = network(graph(Group(match="conv_*", lr_factor=0.1), Group(match="*norm*", freeze=True)))
    blocks = of.parameters.blocks
    kinds = [(block.like.lr_factor, block.like.decay) for block in blocks]
    assert kinds == [(1.0, True), (1.0, False), (0.1, True), (0.1, False)]
    assert blocks[0].start == 0 and blocks[-1].stop == len(of.parameters.grads)
    for block, following in pairwise(blocks):
        assert block.stop == following.start


def test_initial_weights_do_not_depend_on_groups() -> None:
    plain = network(graph()).parameters.named()
    other = network(graph(Group(match="conv_1", freeze=True), Group(match="dense_1", lr_factor=2)))
    for name, value in other.parameters.named().items():
        np.testing.assert_array_equal(value, plain[name])


@pytest.mark.parametrize("chunk_bytes", [segments._CHUNK_BYTES, 1])
@pytest.mark.parametrize(
    "patterns",
    [
        ["conv_1"],
        ["conv_1", "conv_2"],
        ["dense_1"],  # what learns below still gets its gradient through it
        ["conv_2", "dense_*"],
        ["dense_1.kernel"],
        ["batch_norm_2.scale", "*.bias"],
    ],
)
def test_gradients_of_the_others_are_as_without_freezing(
    patterns: list[str], chunk_bytes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "_CHUNK_BYTES", chunk_bytes)
    every = step(network(graph()))
    groups = [Group(match=pattern, freeze=True) for pattern in patterns]
    some = step(network(graph(*groups)))
    held = {
        f"{node.name}.{name}"
        for node in graph().nodes
        for name in node.parameters
        if any(group.matches(node, name) for group in groups)
    }
    assert set(some) == set(every) - held
    for name, grad in some.items():
        np.testing.assert_allclose(grad, every[name], rtol=1e-12, atol=1e-15)


def test_nothing_runs_backward_below_the_first_layer_that_learns() -> None:
    frozen = graph(Group(match="conv_*", freeze=True), Group(match="batch_norm_*", freeze=True))
    names = {
        name
        for name in lay_out(frozen, BATCH, training=True).slots
        if isinstance(name, tuple) and name[0] == "gradient"
    }
    below = {node.output.number for node in frozen.nodes if node.name.startswith(("conv", "batch"))}
    assert not {name[1] for name in names} & below
    plain = lay_out(graph(), BATCH, training=True)
    assert lay_out(frozen, BATCH, training=True).size < plain.size


def test_a_frozen_batch_norm_uses_its_statistics_and_keeps_them() -> None:
    scale_only = network(graph(Group(match="batch_norm_1.scale", freeze=True)))
    step(scale_only)
    assert np.all(scale_only.parameters.named()["batch_norm_1.mean"] != 0.0)

    of = network(graph(Group(match="batch_norm_*", freeze=True)))
    start = of.parameters.values.copy()
    grads = step(of)
    np.testing.assert_array_equal(of.parameters.values, start)
    assert set(grads) == {
        f"{layer}.{name}"
        for layer in ("conv_1", "conv_2", "dense_1", "dense_2")
        for name in ("kernel", "bias")
    }


@pytest.mark.parametrize(
    "pattern", ["batch_norm_*", "batch_norm_*.mean", "batch_norm_?.[mv]*", "batch_norm_1"]
)
def test_gradients_through_a_frozen_batch_norm_are_derivatives(pattern: str) -> None:
    of = network(graph(Group(match=pattern, freeze=True)))
    named = of.parameters.named()
    random = np.random.default_rng(5)
    for name in ("batch_norm_1.mean", "batch_norm_2.variance"):
        named[name][...] = 0.5 + random.random(named[name].shape)
    plan = of.training_plan(BATCH, random.integers(0, 3, BATCH), Clock())
    x = random.normal(size=plan.input.shape)

    def loss() -> float:
        plan.input[...] = x
        plan.forward()
        return plan.loss()

    loss()
    plan.backward()
    weights = of.parameters.values[: len(of.parameters.grads)]
    start, slope = weights.copy(), of.parameters.grads.copy()
    direction = random.normal(size=len(weights))
    ends = []
    for sign in (1, -1):
        weights[:] = start + sign * 1e-6 * direction
        ends.append(loss())
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(slope @ direction, rel=1e-6)
