"""Which parts of a piece of memory are occupied at which moments."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator


class Ranges:
    """A set of offsets as sorted ranges that do not touch one another."""

    __slots__ = ("_starts", "_stops")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []

    def add(self, start: int, stop: int) -> None:
        """Add the offsets from ``start`` to ``stop``, the latter excluded."""
        low = bisect_left(self._stops, start)  # the first range that ends at start or after it
        high = bisect_right(self._starts, stop)
        if low < high:
            start, stop = min(start, self._starts[low]), max(stop, self._stops[high - 1])
        self._starts[low:high], self._stops[low:high] = [start], [stop]

    def past(self, offset: int, size: int) -> int:
        """The lowest offset from ``offset`` on with ``size`` free bytes after it."""
        number = bisect_right(self._stops, offset)
        while number < len(self._starts) and self._starts[number] < offset + size:
            offset = self._stops[number]
            number += 1
        return offset


class Moments:
    """Occupied memory by moment: a segment tree, so that a span of moments is a few nodes.

    Every node stands for a range of moments.  It has the memory that is occupied during all of
    them, as far as its parents do not have it, and the memory that is occupied during any.  Arrays
    of one layer after another are next to one another in memory, so both are a few long ranges
    instead of one range for each layer.

    Args:
        count: number of moments.
    """

    def __init__(self, count: int) -> None:
        self._leaves = 1 << max(0, count - 1).bit_length()
        self._throughout: defaultdict[int, Ranges] = defaultdict(Ranges)
        self._ever: defaultdict[int, Ranges] = defaultdict(Ranges)

    def lowest(self, spans: Iterable[tuple[int, int]], size: int) -> int:
        """The lowest offset with ``size`` bytes that are free during all spans, ends included."""
        nodes = {node for span in spans for node in self._nodes(*span)}
        parents = {parent for node in nodes for parent in _parents(node)}
        taken = [self._ever[node] for node in nodes if node in self._ever]
        taken += [self._throughout[node] for node in parents if node in self._throughout]
        offset, before = 0, -1
        while offset != before:
            before = offset
            for ranges in taken:
                offset = ranges.past(offset, size)
        return offset

    def occupy(self, spans: Iterable[tuple[int, int]], start: int, stop: int) -> None:
        """Occupy the offsets from ``start`` to ``stop``, the latter excluded, during the spans."""
        if start == stop:
            return
        nodes = {node for span in spans for node in self._nodes(*span)}
        for node in nodes:
            self._throughout[node].add(start, stop)
        for node in nodes.union(*(_parents(node) for node in nodes)):
            self._ever[node].add(start, stop)

    def _nodes(self, first: int, last: int) -> Iterator[int]:
        """The fewest nodes that are the moments from ``first`` to ``last`` together."""
        low, high = first + self._leaves, last + self._leaves + 1
        while low < high:
            if low & 1:
                yield low
                low += 1
            if high & 1:
                high -= 1
                yield high
            low, high = low >> 1, high >> 1


def _parents(node: int) -> Iterator[int]:
    while node := node >> 1:
        yield node
