"""The space that a search goes through: keys of a spec, the values of each, and what fits."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlrun.search import constraint
from dlrun.search.constraint import Constraint
from dlrun.search.dimensions.base import Dimension
from dlrun.search.suggestion import Suggestion, identity
from dlrun.spec import nodes
from dlrun.spec.build import build
from dlrun.spec.nodes import Entry, Node, show
from dlrun.spec.problems import Problems, did_you_mean


class Space:
    """Dimensions by key, and the constraints between them.

    Attributes:
        keys: every key behind those that its ``when`` names, and ``optimizer`` before
            ``optimizer.adam.lr``; else in the order of the sweep. Suggestions have this order.
        dimensions: by key, in the same order.
        constraints: what holds for every suggestion.
    """

    def __init__(
        self, dimensions: Mapping[str, Dimension], constraints: Sequence[Constraint] = ()
    ) -> None:
        self.keys = _ordered(dimensions)
        self.dimensions = {key: dimensions[key] for key in self.keys}
        self.constraints = tuple(constraints)
        self._conditions = {
            key: {
                other: frozenset(map(identity, wanted))
                for other, wanted in self.conditions(key).items()
            }
            for key in self.keys
        }

    @classmethod
    def read(cls, node: Node, constraints: Node | None, problems: Problems) -> Space | None:
        """The space that a sweep describes; None where it has faults, and ``problems`` has them.

        Args:
            node: of ``space``: a dimension by key, where a bare list is a choice.
            constraints: the node of ``constraints``; None where the sweep has none.
            problems: gets every fault.
        """
        if not isinstance(node, nodes.Mapping) or not node.entries:
            advice = "write keys such as 'optimizer.adam.lr: {log_uniform: [1e-4, 1e-1]}'"
            problems.add(node.origin, "a space must be a mapping of keys", advice)
            return None
        before, found = len(problems.messages()), {}
        for key, entry in node.entries.items():
            if not all(key.split(".")):
                problems.add(entry.key, f"'{key}' is no key of a spec", "write it as a.b.c")
            each = build(Dimension, unabridged(entry.value), problems, key)
            if each is not None:
                found[key] = each
        _check_conditions(found, node, problems)
        limits = _constraints(constraints, found, node, problems)
        return cls(found, limits) if len(problems.messages()) == before else None

    @property
    def size(self) -> int | None:
        """How many suggestions there are at most; None where there is a range of real numbers."""
        sizes = [each.size for each in self.dimensions.values()]
        known = [size for size in sizes if size is not None]
        return math.prod(known) if len(known) == len(sizes) else None

    def conditions(self, key: str) -> Mapping[str, Sequence[Any]]:
        """The values that other keys must have, one of each, for a key to count."""
        when = self.dimensions[key].when or {}
        return {other: _alternatives(wanted) for other, wanted in when.items()}

    def counts(self, key: str, suggestion: Mapping[str, Any]) -> bool:
        """Whether the conditions of a key hold, given the values of the keys before it."""
        return all(
            other in suggestion and identity(suggestion[other]) in wanted
            for other, wanted in self._conditions[key].items()
        )

    def contains(self, suggestion: Mapping[str, Any]) -> bool:
        """Whether it has the keys that count and no others, allowed values, and fits."""
        return (
            suggestion.keys() == {key for key in self.keys if self.counts(key, suggestion)}
            and all(self.dimensions[key].contains(value) for key, value in suggestion.items())
            and self.fits(suggestion)
        )

    def fits(self, suggestion: Mapping[str, Any]) -> bool:
        """Whether every constraint holds."""
        return all(each.holds(suggestion) for each in self.constraints)

    def at(self, positions: Sequence[float]) -> Suggestion:
        """The suggestion at a position a key, in the order of ``keys``; it need not fit."""
        suggestion: Suggestion = {}
        for key, position in zip(self.keys, positions, strict=True):
            if self.counts(key, suggestion):
                suggestion[key] = self.dimensions[key].at(position)
        return suggestion

    def positions(self, suggestion: Mapping[str, Any]) -> list[float]:
        """A position a key, in the order of ``keys``; 1/2 for those that do not count."""
        return [
            self.dimensions[key].position(suggestion[key]) if key in suggestion else 0.5
            for key in self.keys
        ]

    def grid(self, points: int) -> Iterator[Suggestion]:
        """The product of all values; keys that do not count multiply nothing.

        Args:
            points: values of a dimension that has too many to try.
        """
        values = [self.dimensions[key].grid(points) for key in self.keys]
        place = {key: number for number, key in enumerate(self.keys)}
        checks: list[list[Constraint]] = [[] for _ in self.keys]
        for each in self.constraints:  # as soon as the last of its keys has a value
            checks[max((place[key] for key in each.keys), default=0)].append(each)

        def extend(number: int, suggestion: Suggestion) -> Iterator[Suggestion]:
            if number == len(self.keys):
                yield suggestion
                return
            key = self.keys[number]
            if not self.counts(key, suggestion):
                yield from extend(number + 1, suggestion)
                return
            for value in values[number]:
                longer = {**suggestion, key: value}
                if all(each.holds(longer) for each in checks[number]):
                    yield from extend(number + 1, longer)

        return extend(0, {})


def unabridged(node: Node) -> Node:
    """A bare list as the choice that it is short for."""
    if isinstance(node, nodes.Sequence):
        return nodes.Mapping({"choice": Entry(node.origin, node)}, node.origin)
    return node


def _alternatives(wanted: Any) -> Sequence[Any]:
    return wanted if isinstance(wanted, tuple | list) else (wanted,)


def _before(key: str, dimensions: Mapping[str, Dimension]) -> list[str]:
    """The keys whose values have to be known, or set, before this one's."""
    parents = dimensions[key].when or {}
    return [other for other in dimensions if other in parents or key.startswith(f"{other}.")]


def _ordered(dimensions: Mapping[str, Dimension]) -> tuple[str, ...]:
    done: dict[str, None] = {}

    def visit(key: str) -> None:
        if key not in done:
            for other in _before(key, dimensions):
                visit(other)
            done[key] = None

    for key in dimensions:
        visit(key)
    return tuple(done)


def _check_conditions(
    found: Mapping[str, Dimension], node: nodes.Mapping, problems: Problems
) -> None:
    for each in found.values():
        for other, wanted in (each.when or {}).items():
            place = each.place_of(f"when.{other}")
            if other not in node.entries:
                problems.add(
                    place, f"the space has no key '{other}'", did_you_mean(other, node.entries)
                )
            elif other in found:
                for value in _alternatives(wanted):
                    if not found[other].contains(value):
                        what = f"'{other}' is never {show(value)}"
                        problems.add(place, what, "name one of its values")
    for key, each in found.items():
        circle = _circle(key, found)
        # A circle is one fault, told where its first key stands.
        if circle and key == min(circle, key=list(found).index):
            way = " on ".join(f"'{other}'" for other in (*circle[1:], key))
            problems.add(each.origin, f"'{key}' depends on {way}", "remove one 'when'")


def _circle(key: str, found: Mapping[str, Dimension]) -> list[str]:
    """The keys of a circle of conditions, or of order, that leads back to a key."""
    ways, seen = [[key]], set()
    while ways:
        way = ways.pop()
        for other in _before(way[-1], found):
            if other == key:
                return way
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return []


def _constraints(
    node: Node | None,
    found: Mapping[str, Dimension],
    space: nodes.Mapping,
    problems: Problems,
) -> list[Constraint]:
    if node is None:
        return []
    if not isinstance(node, nodes.Sequence):
        problems.add(node.origin, "'constraints' must be a list", "begin each item with '- '")
        return []
    if len(found) < len(space.entries):  # names of faulty dimensions would seem to be unknown
        return []
    limits = []
    for item in node.items:
        if not isinstance(item, nodes.Scalar) or not isinstance(item.value, str):
            problems.add(item.origin, "a constraint must be text", "write 'params.depth <= 4'")
            continue
        limit = constraint.read(item.value, found, item.origin, problems)
        if limit is not None:
            limits.append(limit)
    return limits
