"""Placing arrays that are not all alive at the same time into one piece of memory."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

_ALIGNMENT = 64

Span = tuple[int, int]
"""First and last moment, both included, at which content matters."""


@dataclass(frozen=True, slots=True)
class Request:
    """An array that is needed: its name, its size in bytes, and when."""

    name: Hashable
    size: int
    spans: tuple[Span, ...]


def place(requests: Sequence[Request]) -> tuple[Mapping[Hashable, int], int]:
    """An offset for every request, so that no two overlap in memory and in time.

    Largest first, each at the lowest offset that is free whenever it is alive: the greedy rule by
    size of Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020.

    Returns:
        Offsets in bytes by name, and the size of the whole.
    """
    placed: list[tuple[int, int, Request]] = []
    offsets: dict[Hashable, int] = {}
    total = 0
    for request in sorted(requests, key=lambda each: -each.size):
        size = -(-request.size // _ALIGNMENT) * _ALIGNMENT
        offset = 0
        for start, stop, other in sorted(placed, key=lambda each: each[0]):
            if offset + size <= start:
                break
            if offset < stop and _meet(request.spans, other.spans):
                offset = stop
        placed.append((offset, offset + size, request))
        offsets[request.name] = offset
        total = max(total, offset + size)
    return offsets, total


def _meet(a: Sequence[Span], b: Sequence[Span]) -> bool:
    return any(x[0] <= y[1] and y[0] <= x[1] for x in a for y in b)
