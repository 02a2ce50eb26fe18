"""``${name}``: replaced by values of ``params`` and facts of the data."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any

from dlrun.spec.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    TOO_MUCH,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    weight,
)
from dlrun.spec.origin import FromData, Interpolated, Origin
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.spec.unknown import UNKNOWN, Facts, Missing

_REFERENCE = re.compile(r"(\$)\$\{|\$\{([^{}]*)\}")
"""``$${`` (group 1), or a name in ``${}`` (group 2)."""


def interpolate(root: Mapping, facts: Facts, problems: Problems) -> Mapping:
    """The tree with every ``${name}`` replaced.

    ``${name}`` alone becomes the value itself, of any type; within a text it becomes text.
    ``$${`` is a plain ``${``.

    Args:
        root: the spec.
        facts: values that follow from the data.
        problems: gets unknown names and cycles.
    """
    done = _Interpolation(root, facts, problems).walk(root, depth=0)
    assert isinstance(done, Mapping)
    return done


def interpolate_field(root: Mapping, name: str, problems: Problems) -> Node:
    """One key of the tree, before facts are known; only the params that it uses are read.

    Args:
        root: the spec.
        name: a key that it has.
        problems: gets unknown names and cycles.
    """
    return _Interpolation(root, {}, problems).walk(root.entries[name].value, depth=1)


class _Interpolation:
    def __init__(self, root: Mapping, facts: Facts, problems: Problems) -> None:
        params = root.get("params")
        self.params = params if isinstance(params, Mapping) else Mapping({}, root.origin)
        self.facts, self.problems = facts, problems
        self.ready: dict[str, Node] = {}
        self.open: list[str] = []
        self.nodes = 0
        self.full = False

    def walk(self, node: Node, depth: int) -> Node:
        self.nodes += weight(node.value) if isinstance(node, Scalar) else 1
        if self.nodes > MAX_NODES or depth > 2 * MAX_DEPTH:
            return self._too_much(node.origin)
        if isinstance(node, Mapping):
            entries = {
                key: Entry(entry.key, self.walk(entry.value, depth + 1))
                for key, entry in node.entries.items()
            }
            return Mapping(entries, node.origin)
        if isinstance(node, Sequence):
            return Sequence(tuple(self.walk(item, depth + 1) for item in node.items), node.origin)
        if isinstance(node.value, str) and "${" in node.value:
            return self._text(node.value, node.origin, depth)
        return node

    def _too_much(self, origin: Origin) -> Scalar:
        if not self.full:
            what = f"after replacing ${{...}}: {TOO_MUCH}"
            self.problems.add(origin, what, "use fewer of them")
        self.full = True
        return Scalar(UNKNOWN, origin)

    def _text(self, text: str, origin: Origin, depth: int) -> Node:
        whole = _REFERENCE.fullmatch(text)
        if whole and not whole[1]:
            found = self._look_up(whole[2].strip(), origin, depth)
            return found if found is not None else Scalar(UNKNOWN, origin)
        if "${" in _REFERENCE.sub(" ", text):
            self.problems.add(origin, "'${' without '}'", "close it, or write $${ for a plain ${")
            return Scalar(UNKNOWN, origin)
        parts: list[str] = []
        end = 0
        sources = []
        for match in _REFERENCE.finditer(text):
            parts.append(text[end : match.start()])
            end = match.end()
            if match[1]:
                parts.append("${")
                continue
            found = self._look_up(match[2].strip(), origin, depth)
            if not isinstance(found, Scalar) or found.value is UNKNOWN:
                if found is not None and not isinstance(found, Scalar):
                    what = f"${{{match[2]}}} is a list or mapping and cannot be part of text"
                    self.problems.add(origin, what, "use it alone, as a whole value")
                return Scalar(UNKNOWN, origin)
            parts.append(_as_text(found.value))
            sources.append(found.origin)
        parts.append(text[end:])
        self.nodes += sum(map(weight, parts))
        if self.nodes > MAX_NODES:  # checked before the text is joined
            return self._too_much(origin)
        return Scalar("".join(parts), sources[0] if sources else origin)

    def _look_up(self, name: str, place: Origin, depth: int) -> Node | None:
        """The value of a name for use at ``place``; None if there is none."""
        first, *rest = name.split(".")
        if first in self.params.entries:
            node: Node | None = self._param(first, place, depth)
            for key in rest:
                node = self._inner(node, key)
            if node is not None:
                return _placed(node, place, name)
        elif name in self.facts:
            fact = self.facts[name]
            if isinstance(fact, Missing):
                self.problems.add(place, f"${{{name}}} does not exist for this data", fact.reason)
                return None
            return Scalar(fact, Interpolated(place, name, FromData()))
        known = did_you_mean(name, chain(self.params.entries, self.facts))
        self.problems.add(place, f"unknown ${{{name}}}", known)
        return None

    def _inner(self, node: Node | None, key: str) -> Node | None:
        if isinstance(node, Mapping):
            return node.get(key)
        if isinstance(node, Sequence) and key in map(str, range(len(node.items))):
            return node.items[int(key)]
        if isinstance(node, Scalar) and node.value is UNKNOWN:
            return node  # its error is noted
        return None

    def _param(self, name: str, place: Origin, depth: int) -> Node:
        if name in self.open:
            cycle = " -> ".join([*self.open[self.open.index(name) :], name])
            self.problems.add(place, f"params form a cycle: {cycle}", "remove one of them")
            return Scalar(UNKNOWN, place)
        if name not in self.ready:
            self.open.append(name)
            self.ready[name] = self.walk(self.params.entries[name].value, depth + 1)
            self.open.pop()
        # A value that was written out before is counted again at every use.
        self.nodes += _size(self.ready[name])
        return self.ready[name]


def _placed(node: Node, place: Origin, name: str) -> Node:
    """The same values, whose origins contain where they are used and where they were set."""
    source = node.origin
    origin = Interpolated(
        place, name, source.source if isinstance(source, Interpolated) else source
    )
    if isinstance(node, Mapping):
        entries = {
            key: Entry(origin, _placed(entry.value, place, name))
            for key, entry in node.entries.items()
        }
        return Mapping(entries, origin)
    if isinstance(node, Sequence):
        return Sequence(tuple(_placed(item, place, name) for item in node.items), origin)
    return Scalar(node.value, origin)


def _size(node: Node) -> int:
    if isinstance(node, Mapping):
        return 1 + sum(_size(entry.value) for entry in node.entries.values())
    if isinstance(node, Sequence):
        return 1 + sum(_size(item) for item in node.items)
    return weight(node.value)


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
