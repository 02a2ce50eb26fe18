"""Names of the arrays of a step: keys of ``Layout.slots``."""

from __future__ import annotations

from collections.abc import Hashable

from dlrun.nn.graph.builder import Node
from dlrun.nn.graph.wiring import Reader


def value(root: int) -> Hashable:
    """A value's array."""
    return ("value", root)


def gradient(root: int, reader: Reader | None = None) -> Hashable:
    """The gradient that one reader writes; without a reader, the sum over several readers."""
    if reader is None:
        return ("gradient", root)
    return ("gradient", root, reader.node.number if reader.node else "loss", reader.index)


def scratch(node: Node, name: str) -> Hashable:
    """A work array."""
    return ("scratch", node.number, name)


def partial(node: Node, name: str) -> Hashable:
    """A parameter's gradients of all chunks."""
    return ("partial", node.number, name)
