"""Probes, which watch the work of a training from inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Literal

from dlrun.arrays import Array
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.threads import Work

Direction = Literal["forward", "backward"]

Each = Callable[[Sequence[Work]], Work]
"""Combines several functions that may run at the same time into one."""


class Probe:
    """Receives all work when it is bound and may replace it by watched work.

    This base returns what it receives, so it costs nothing in a step.
    """

    def part(self, name: str) -> AbstractContextManager[None]:
        """A context for a part of training other than the layers.

        Args:
            name: of the part, such as ``optimizer``.
        """
        return _NOTHING

    def loss(self, work: Callable[[], float]) -> Callable[[], float]:
        """The computation of a batch's loss."""
        return work

    def segment(self, works: list[Work]) -> list[Work]:
        """The work of a segment in one direction, in order, on the calling thread."""
        return works

    def node(self, node: Node, direction: Direction, multiply_adds: int, work: Work) -> Work:
        """The work of a node on one chunk of the batch, on any thread.

        Args:
            node: the node.
            direction: forward or backward.
            multiply_adds: of the work; 0 for work that is not counted.
            work: the work.
        """
        return work

    def output(self, node: Node, values: Array, work: Work) -> Work:
        """The work that writes a node's output, or a chunk of it: ``values``, (rows, *shape)."""
        return work

    def pieces(self, each: Each) -> Each:
        """The function that divides a node's work; it is called while the node is bound."""
        return each

    def step_ended(self) -> None:
        """Called after each training step."""


_NOTHING: AbstractContextManager[None] = nullcontext()

UNWATCHED = Probe()
