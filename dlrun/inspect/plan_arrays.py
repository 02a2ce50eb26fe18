"""The arrays of a training step, and which of them share memory."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import prod
from typing import cast

import numpy as np

from dlrun.inspect.planned import PlannedArray, What
from dlrun.nn.engine.layout import Layout, Slot


def arrays_of(layout: Layout) -> tuple[PlannedArray, ...]:
    """Every array of a layout, by its position in memory."""
    nodes = {node.number: node.name for node in layout.wiring.nodes}
    writers = {node.output.number: node.name for node in layout.wiring.nodes}
    writers[layout.graph.input.number] = "input"

    def owner(what: What, number: int) -> str:
        return writers[number] if what in ("value", "gradient") else nodes[number]

    slots = sorted(layout.slots.items(), key=lambda each: each[1].offset)
    filled = [(start, stop) for start, stop in map(_extent, layout.slots.values()) if start < stop]
    starts, stops = sorted(start for start, _ in filled), sorted(stop for _, stop in filled)
    arrays = []
    for name, slot in slots:
        what, number, *_ = cast(tuple[What, int], name)
        start, stop = _extent(slot)
        # Those that begin before its end, less those that end before its start, less itself.
        shares = bisect_left(starts, stop) - bisect_right(stops, start) - 1 if start < stop else 0
        arrays.append(
            PlannedArray(
                what, owner(what, number), slot.shape, slot.dtype, start, stop - start, shares
            )
        )
    return tuple(arrays)


def _extent(slot: Slot) -> tuple[int, int]:
    return slot.offset, slot.offset + prod(slot.shape) * np.dtype(slot.dtype).itemsize
