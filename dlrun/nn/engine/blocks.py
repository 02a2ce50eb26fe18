"""Blocks of parameters that an optimizer treats alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from dlrun.nn.engine.parameter_offsets import declared_parameters, kind_of, parameter_offsets
from dlrun.nn.graph.builder import Graph
from dlrun.nn.graph.declarations import Parameter


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive weights that an optimizer treats alike: from ``start`` up to ``stop``.

    Attributes:
        like: their settings, as a parameter; of a block that is one parameter, that parameter.
        hidden: whether none of them belongs to a table, or to a layer with a matrix after which
            no other such layer follows.
    """

    start: int
    stop: int
    like: Parameter
    hidden: bool


def single(graph: Graph) -> tuple[Block, ...]:
    """A block for each trainable parameter, in the order of memory, without allocating it."""
    offsets, _, _ = parameter_offsets(graph)
    placed = [
        (offsets[node.number, name], node, parameter)
        for node, name, parameter in declared_parameters(graph)
        if parameter.trainable
    ]
    last = _last(graph)
    return tuple(
        Block(
            start,
            start + math.prod(parameter.shape),
            parameter,
            hidden=node.number not in last and not parameter.table,
        )
        for start, node, parameter in sorted(placed, key=lambda each: each[0])
    )


def _last(graph: Graph) -> set[int]:
    """Indexes of the layers with a matrix after which no other such layer follows."""
    writers = {node.output.number: node for node in graph.nodes}
    last: set[int] = set()
    values, seen = [graph.output.number], set()
    while values:
        node = writers.get(values.pop())
        if node is None or node.number in seen:
            continue
        seen.add(node.number)
        if any(each.trainable and len(each.shape) > 1 for each in node.parameters.values()):
            last.add(node.number)
        else:
            values += [value.number for value in node.inputs]
    return last


def merged(blocks: Sequence[Block], stop: int) -> Iterator[Block]:
    """The same memory in as few blocks as possible, up to ``stop``."""
    for _, run in groupby(blocks, key=lambda block: kind_of(block.like)):
        first, *_ = alike = tuple(run)
        end = min((each.start for each in blocks if each.start > alike[-1].start), default=stop)
        yield Block(first.start, end, first.like, hidden=all(each.hidden for each in alike))
