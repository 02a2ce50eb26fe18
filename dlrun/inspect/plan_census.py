"""Counts of the work in a plan, taken while it is bound."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from dlrun.nn.engine.probe import Direction, Each, Probe
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.threads import Work


class Census(Probe):
    """Counts pieces of work and operations of a plan.

    Attributes:
        cuts: numbers of pieces of each node's work, in the order in which the work is split.
        multiply_adds: of each node and direction.
    """

    def __init__(self) -> None:
        self.cuts: dict[str, tuple[int, ...]] = defaultdict(tuple)
        self.multiply_adds: dict[tuple[str, Direction], int] = defaultdict(int)
        self._new: list[int] = []

    def pieces(self, each: Each) -> Each:
        """The same split into pieces, counted."""

        def cut(pieces: Sequence[Work]) -> Work:
            self._new.append(len(pieces))
            return each(pieces)

        return cut

    def node(self, node: Node, direction: Direction, multiply_adds: int, work: Work) -> Work:
        """The same work; pieces since the last node belong to this one."""
        self.cuts[node.name] += tuple(self._new)
        self._new.clear()
        self.multiply_adds[node.name, direction] += multiply_adds
        return work
