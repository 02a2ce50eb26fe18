"""The place of every parameter in the flat array of all of them.

Order: weights with weight decay, the other trainable parameters, those of each parameter group of
the spec, then running statistics and frozen parameters.  So an optimizer works on a few long
blocks, however many layers there are, and all weights are copied at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from dlrun.nn.engine.aligned import ALIGNMENT
from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.graph.declarations import Parameter

_STEP = ALIGNMENT // 4
"""Every parameter starts at a multiple of so many elements: in float32, on a cache line."""


def size_of(graph: Graph) -> tuple[int, int]:
    """Lengths of the arrays of a graph's values and gradients, without allocating them."""
    _, values, grads = parameter_offsets(graph)
    return values, grads


Offsets = dict[tuple[int, str], int]
"""Start of each parameter, by the index of its node and its name."""


def parameter_offsets(graph: Graph) -> tuple[Offsets, int, int]:
    """Offsets, the total length of all parameters, and that of the trainable ones."""
    declared = list(declared_parameters(graph))
    kinds = dict.fromkeys(kind_of(parameter) for _, _, parameter in declared)
    order = {kind: number for number, kind in enumerate(sorted(kinds, key=_place))}
    offset = trainable = 0
    offsets: Offsets = {}
    for node, name, parameter in sorted(declared, key=lambda each: order[kind_of(each[2])]):
        offsets[node.number, name] = offset
        offset += -(-math.prod(parameter.shape) // _STEP) * _STEP
        if parameter.trainable:
            trainable = offset
    return offsets, offset, trainable


Kind = tuple[bool, bool, float, float | None]


def kind_of(parameter: Parameter) -> Kind:
    """The settings that an optimizer distinguishes."""
    if not parameter.trainable:
        return (False, False, 1.0, None)
    return (True, parameter.decay, parameter.lr_factor, parameter.weight_decay)


def _place(kind: Kind) -> tuple[bool, bool, bool]:
    """Sort key: trainable first, then those without a group, then those with weight decay."""
    trainable, decay, *own = kind
    return (not trainable, own != [1.0, None], not decay)


def declared_parameters(graph: Graph) -> Iterator[tuple[Node, str, Parameter]]:
    """Every parameter of a graph with its node and its name, in the order of the nodes."""
    for node in graph.nodes:
        for name, parameter in node.parameters.items():
            yield node, name, parameter
