"""The graph of a model: names, where they hold, and what is wrong with a model, all at once."""

from __future__ import annotations

import pytest

from dlrun.errors import SpecError
from dlrun.nn.graph.builder import Graph, build_graph
from dlrun.nn.layers.activations import ReLU, Tanh
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.merge import Add, Concatenate
from dlrun.nn.layers.node import From, Label
from dlrun.nn.layers.parallel import Parallel
from dlrun.nn.layers.pool import MaxPool
from dlrun.nn.layers.repeat import Repeat
from dlrun.nn.layers.residual import Residual


def edges(graph: Graph) -> dict[str, tuple[str, ...]]:
    """What each node reads, by name."""
    names = {graph.input.number: "input", **{n.output.number: n.name for n in graph.nodes}}
    return {n.name: tuple(names[value.number] for value in n.inputs) for n in graph.nodes}


def faults(layers: list[Layer], shape: tuple[int, ...] = (4,)) -> list[str]:
    with pytest.raises(SpecError) as caught:
        build_graph(layers, shape)
    return [fault.removeprefix("default: ") for fault in caught.value.faults]


def test_named_values_are_read_from_afar() -> None:
    graph = build_graph(
        [
            *(Dense(units=3), Label(name="a"), ReLU(), Label(name="b"), Dense(units=3)),
            *(Label(name="c"), From(node="a"), Tanh()),
            Concatenate(inputs=("previous", "c", "input", "b")),
        ],
        (4,),
    )
    assert edges(graph) == {
        "dense_1": ("input",),
        "relu_1": ("dense_1",),
        "dense_2": ("relu_1",),
        "tanh_1": ("dense_1",),
        "concatenate_1": ("tanh_1", "dense_2", "input", "relu_1"),
    }
    assert graph.output.shape == (3 + 3 + 4 + 3,)


def test_branches_read_one_value_and_meet() -> None:
    branches = ((), (Conv(filters=5),), (Conv(filters=2), ReLU()))
    graph = build_graph([Parallel(branches=branches)], (6, 6, 3))
    assert edges(graph)["concatenate_1"] == ("input", "conv_1", "relu_1")
    assert graph.output.shape == (6, 6, 3 + 5 + 2)


@pytest.mark.parametrize("merge", ["add", "multiply"])
def test_branches_can_be_added_and_multiplied(merge: str) -> None:
    graph = build_graph([Parallel(branches=((Dense(units=4),), ()), merge=merge)], (4,))
    assert edges(graph)[f"{merge}_1"] == ("dense_1", "input")


def test_each_copy_of_a_repeat_has_names_of_its_own() -> None:
    block = (Label(name="a"), Dense(units=4), ReLU(), Add(inputs=("a", "previous")))
    graph = build_graph([Repeat(times=2, layers=block)], (4,))
    found = edges(graph)
    assert found["add_1"] == ("input", "relu_1")
    assert found["add_2"] == ("add_1", "relu_2")


def test_lists_inside_see_the_names_around_them() -> None:
    inner = Residual(layers=(Dense(units=4), Add(inputs=("previous", "a"))))
    graph = build_graph([Label(name="a"), ReLU(), Repeat(times=1, layers=(inner,))], (4,))
    assert edges(graph)["add_1"] == ("dense_1", "input")


def test_branches_may_use_the_same_name() -> None:
    branch = (Dense(units=4), Label(name="a"), ReLU(), Add(inputs=("a", "previous")))
    graph = build_graph([Parallel(branches=(branch, branch))], (4,))
    assert len(graph.nodes) == 7


FAULTS: dict[str, tuple[list[Layer], list[str]]] = {
    "a name that nothing has": (
        [Label(name="stem"), Dense(units=4), Add(inputs=("stm", "previous"))],
        ["unknown node 'stm'; did you mean 'stem'?"],
    ),
    "no name at all": (
        [From(node="x1")],
        ["unknown node 'x1'; known: input, previous"],
    ),
    "a name from below": (
        [Add(inputs=("previous", "a")), Dense(units=4), Label(name="a")],
        ["node 'a' is defined further below, at default; a layer can only use layers above it"],
    ),
    "a name from below, in a repeat": (
        [Repeat(times=3, layers=(Add(inputs=("previous", "a")), Label(name="a")))],
        ["node 'a' is defined further below, at default; a layer can only use layers above it"],
    ),
    "a name from inside": (
        [Repeat(times=2, layers=(Dense(units=4), Label(name="a"))), From(node="a")],
        [
            "node 'a' is valid only in its own list of layers, at default; "
            "name the value after that list"
        ],
    ),
    "a name twice": (
        [Label(name="a"), ReLU(), Label(name="a")],
        ["node 'a' is already defined at default; rename one"],
    ),
    "a name of around again": (
        [Label(name="a"), Repeat(times=2, layers=(Label(name="a"),))],
        ["node 'a' is already defined at default; rename one"],
    ),
    "names that are taken": (
        [Label(name="input"), Label(name="previous")],
        [
            "'input' is the input of the network; choose another name",
            "'previous' is the output of the layer above; choose another name",
        ],
    ),
    "a value that leads nowhere": (
        [Label(name="a"), Dense(units=3), ReLU(), From(node="a"), Dense(units=4)],
        ["the output of this layer is not used; use it further below, or remove the layer"],
    ),
    "a node that leads nowhere": (
        [Dense(units=3), Label(name="b"), From(node="input"), Dense(units=4)],
        [
            "the output of this layer is not used, node 'b'; "
            "use it further below, or remove the layer"
        ],
    ),
    "shapes that do not add up": (
        [Label(name="a"), Dense(units=3), Add(inputs=("previous", "a"))],
        ["add needs shapes that can be broadcast, got (3,) of 'previous', (4,) of 'a'"],
    ),
    "several ways, a fault in each": (
        [
            *(Label(name="a"), MaxPool(), Label(name="b"), From(node="a"), Conv(filters=3)),
            *(Label(name="c"), From(node="a"), Dense(units=3)),
            Concatenate(inputs=("previous", "b", "c", "d")),
        ],
        [
            "max_pool needs (height, width, channels) or (length, channels), got (4,)",
            "conv needs (height, width, channels) or (length, channels), got (4,)",
            "unknown node 'd'; known: a, b, c, input, previous",
        ],
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_faults_of_a_model(case: str) -> None:
    layers, expected = FAULTS[case]
    assert faults(layers) == expected


def test_a_residual_says_what_to_do_where_shapes_differ() -> None:
    (fault,) = faults([Residual(layers=(Dense(units=3),))])
    assert fault == (
        "residual adds (3,) from its layers to (4,); make the shapes equal or add 'shortcut' layers"
    )
