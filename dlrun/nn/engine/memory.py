"""Placement of arrays that are not all in use at the same time into one piece of memory."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

from dlrun.nn.engine.occupied import Moments

_ALIGNMENT = 64

Span = tuple[int, int]
"""First and last moment, both included, at which content is in use."""


@dataclass(frozen=True, slots=True)
class Request:
    """A needed array: its name, its size in bytes, and when it is in use."""

    name: Hashable
    size: int
    spans: tuple[Span, ...]


def place(requests: Sequence[Request]) -> tuple[Mapping[Hashable, int], int]:
    """An offset for every request, so that no two overlap both in memory and in time.

    Largest first, each at the lowest offset that is free while it is in use: the greedy rule by
    size of Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020.

    Returns:
        Offsets in bytes by name, and the total size.
    """
    ends = sorted({moment for each in requests for span in each.spans for moment in span})
    # Two spans meet only if they share an end of one of them, so the other moments do not count.
    index = {moment: number for number, moment in enumerate(ends)}
    moments = Moments(len(ends))
    offsets: dict[Hashable, int] = {}
    total = 0
    for request in sorted(requests, key=lambda each: -each.size):
        size = -(-request.size // _ALIGNMENT) * _ALIGNMENT
        spans = [(index[first], index[last]) for first, last in request.spans]
        offset = moments.lowest(spans, size)
        moments.occupy(spans, offset, offset + size)
        offsets[request.name] = offset
        total = max(total, offset + size)
    return offsets, total
