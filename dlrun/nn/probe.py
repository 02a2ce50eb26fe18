"""What may watch training at work, from inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal, ParamSpec, TypeVar

from dlrun.arrays import Array
from dlrun.nn.threads import Work

if TYPE_CHECKING:
    from dlrun.nn.graph import Node

P = ParamSpec("P")
R = TypeVar("R")

Direction = Literal["forward", "backward"]

Each = Callable[[Sequence[Work]], Work]
"""Makes one piece of work of several that may run at the same time."""


class Probe:
    """Is handed all work while it is bound and may put a watched one in its place.

    This one gives back what it is handed, so it costs nothing in a step.
    """

    def part(self, name: str, work: Callable[P, R]) -> Callable[P, R]:
        """A part of training beside the layers, as ``loss`` or ``optimizer``."""
        return work

    def segment(self, works: list[Work]) -> list[Work]:
        """All that a segment does in one direction, in turn, on the caller's thread."""
        return works

    def node(self, node: Node, direction: Direction, multiply_adds: int, work: Work) -> Work:
        """What a node does in its segment, to one chunk of the batch, on any thread.

        Args:
            node: whose work it is.
            direction: which way.
            multiply_adds: what it takes; 0 where nobody counts them.
            work: the work.
        """
        return work

    def output(self, node: Node, values: Array, work: Work) -> Work:
        """What writes a node's output, or a chunk of it: ``values``, (rows, *output shape)."""
        return work

    def pieces(self, each: Each) -> Each:
        """What cuts a node's own work; it is called while the node is bound."""
        return each

    def step_ended(self) -> None:
        """A step of training is done."""


UNWATCHED = Probe()
