"""The values that a spec itself has for the keys of a space."""

from __future__ import annotations

from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, thawed
from dlrun.search.taken import taken
from dlrun.spec import nodes


def own_values(space: Space, root: nodes.Mapping) -> Suggestion:
    """The values of a spec that a trial can have; a key that it does not name is left out.

    Args:
        space: the search space.
        root: the tree of the spec.
    """
    found: Suggestion = {}
    for key in space.keys:
        node, dimension = _at(root, key), space.dimensions[key]
        if node is None or not space.counts(key, found):
            continue
        value = taken(dimension, thawed(nodes.plain(node)))
        if dimension.contains(value):
            found[key] = value
    return found


def _at(root: nodes.Node, key: str) -> nodes.Node | None:
    """The node at a dotted key; None if the spec does not name it so."""
    node: nodes.Node | None = root
    for part in key.split("."):
        if isinstance(node, nodes.Mapping):
            node = node.get(part)
        elif isinstance(node, nodes.Sequence) and part.isdecimal() and int(part) < len(node.items):
            node = node.items[int(part)]
        else:
            return None
    return node
