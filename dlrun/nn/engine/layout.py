"""Where every array of a step is in memory, from shapes alone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from dlrun.arrays import Shape
from dlrun.nn.engine.lifetimes import Lifetimes
from dlrun.nn.engine.memory import Request, place
from dlrun.nn.engine.segments import Segment, segments_of
from dlrun.nn.graph.builder import Graph
from dlrun.nn.graph.wiring import Wiring, wire


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of an array: offset in bytes, shape and dtype."""

    offset: int
    shape: Shape
    dtype: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The places of all arrays of a step for one batch size.

    Attributes:
        batch: samples in a step.
        training: with gradients, or without.
        wiring: which nodes read each value.
        segments: the order of the work.
        slots: places of the arrays, by the names of ``array_names``.
        size: total size in bytes.
    """

    graph: Graph
    batch: int
    training: bool
    wiring: Wiring
    segments: tuple[Segment, ...]
    slots: Mapping[Hashable, Slot]
    size: int


def lay_out(graph: Graph, batch: int, *, training: bool, dtype: str = "float32") -> Layout:
    """Choose a place for every array.

    Args:
        graph: the network.
        batch: samples in a step.
        training: with gradients, or without.
        dtype: of values and gradients.
    """
    wiring = wire(graph)
    segments = segments_of(wiring, batch, training)
    lifetimes = list(Lifetimes(graph, wiring, segments, batch, training, dtype).all())
    offsets, size = place([Request(each.name, each.bytes, each.spans) for each in lifetimes])
    slots = {each.name: Slot(offsets[each.name], each.shape, each.dtype) for each in lifetimes}
    return Layout(graph, batch, training, wiring, segments, slots, size)
