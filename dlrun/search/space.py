"""The search space: keys of a spec, their possible values, and constraints."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlrun.search import constraint
from dlrun.search.constraint import Constraint, Names
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.fixed import Fixed
from dlrun.search.suggestion import Suggestion, identity
from dlrun.search.taken import taken
from dlrun.spec import nodes
from dlrun.spec.build import build
from dlrun.spec.flow import flow, show
from dlrun.spec.nodes import Entry, Node
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems, did_you_mean


class Space:
    """Dimensions by key, and the constraints between them.

    Attributes:
        keys: every key after those in its ``when``, and ``optimizer`` before ``optimizer.adam.lr``;
            otherwise in the order of the sweep. Suggestions have this order.
        dimensions: by key, in the same order.
        constraints: that every suggestion must satisfy.
        origins: where each key is written.
    """

    def __init__(
        self,
        dimensions: Mapping[str, Dimension],
        constraints: Sequence[Constraint] = (),
        origins: Mapping[str, Origin] | None = None,
    ) -> None:
        self.keys = _ordered(dimensions)
        self.origins = {key: each.origin for key, each in dimensions.items()} | dict(origins or {})
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
        """The space that a sweep describes; None if it has errors, which are in ``problems``.

        Args:
            node: of ``space``: one dimension per key; a bare list is a choice.
            constraints: the node of ``constraints``; None if the sweep has none.
            problems: collects all errors.
        """
        if not isinstance(node, nodes.Mapping) or not node.entries:
            advice = "write keys such as 'optimizer.adam.lr: {log_uniform: [1e-4, 1e-1]}'"
            problems.add(node.origin, "a space must be a mapping of keys", advice)
            return None
        before, found = len(problems.messages()), dict[str, Dimension]()
        for key, entry in node.entries.items():
            if not all(key.split(".")):
                problems.add(entry.key, f"'{key}' is not a key of a spec", "write it as a.b.c")
            if isinstance(entry.value, nodes.Scalar) and isinstance(entry.value.value, int | float):
                value = show(entry.value.value)
                problems.add(
                    entry.value.origin,
                    f"'{key}' has a single value, {value}, and nothing to search",
                    f"write a list of values, such as [{value}], or set it in the spec",
                )
                continue
            each = build(Dimension, unabridged(entry.value), problems, key)
            if each is not None:
                found[key] = each
        found = {key: _conditioned(each, found) for key, each in found.items()}
        _check_conditions(found, node, problems)
        limits = _constraints(constraints, found, node, problems)
        if len(problems.messages()) > before:
            return None
        return cls(found, limits, {key: entry.key for key, entry in node.entries.items()})

    @property
    def size(self) -> int | None:
        """Maximum number of suggestions; None with a range of real numbers."""
        sizes = [each.size for each in self.dimensions.values()]
        known = [size for size in sizes if size is not None]
        return math.prod(known) if len(known) == len(sizes) else None

    def conditions(self, key: str) -> Mapping[str, Sequence[Any]]:
        """The conditions for a key to be active: for each other key, its allowed values."""
        when = self.dimensions[key].when or {}
        return {other: _alternatives(wanted) for other, wanted in when.items()}

    def counts(self, key: str, suggestion: Mapping[str, Any]) -> bool:
        """Whether a key is active, given the values of the keys before it."""
        return all(
            other in suggestion and identity(suggestion[other]) in wanted
            for other, wanted in self._conditions[key].items()
        )

    def contains(self, suggestion: Mapping[str, Any]) -> bool:
        """Whether it has exactly the active keys, allowed values, and fits all constraints."""
        return (
            suggestion.keys() == {key for key in self.keys if self.counts(key, suggestion)}
            and all(self.dimensions[key].contains(value) for key, value in suggestion.items())
            and self.fits(suggestion)
        )

    def fits(self, suggestion: Mapping[str, Any]) -> bool:
        """Whether every constraint is satisfied."""
        return all(each.holds(suggestion) for each in self.constraints)

    def at(self, positions: Sequence[float]) -> Suggestion:
        """The suggestion at one position per key, in the order of ``keys``; it may not fit."""
        suggestion: Suggestion = {}
        for key, position in zip(self.keys, positions, strict=True):
            if self.counts(key, suggestion):
                suggestion[key] = self.dimensions[key].at(position)
        return suggestion

    def positions(self, suggestion: Mapping[str, Any]) -> list[float]:
        """One position per key, in the order of ``keys``; 1/2 for inactive keys."""
        return [
            self.dimensions[key].position(suggestion[key]) if key in suggestion else 0.5
            for key in self.keys
        ]

    def grid(self, points: int) -> Iterator[Suggestion]:
        """All combinations of values; inactive keys are not varied.

        Args:
            points: values per dimension that has too many to try.
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
    """A bare list as the choice that it stands for."""
    if isinstance(node, nodes.Sequence):
        return nodes.Mapping({"choice": Entry(node.origin, node)}, node.origin)
    return node


def _alternatives(wanted: Any) -> Sequence[Any]:
    return wanted if isinstance(wanted, tuple | list) else (wanted,)


def _with_blocks(values: Sequence[Any], wanted: Any) -> Any:
    """The condition with the blocks that it means by their names: all of adam for ``adam``.

    A name that is itself a value means only that value.
    """
    listed, meant = set(map(identity, values)), list[Any]()
    for each in _alternatives(wanted):
        named = [value for value in values if isinstance(value, Mapping) and each in [*value][:1]]
        meant += named if named and identity(each) not in listed else [each]
    return wanted if meant == list(_alternatives(wanted)) else tuple(meant)


def _conditioned(dimension: Dimension, found: Mapping[str, Dimension]) -> Dimension:
    """A dimension whose condition has the values of the other keys as trials have them."""

    def as_of(other: str, wanted: Any) -> Any:
        if other not in found:
            return wanted
        if isinstance(found[other], Choice | Fixed):
            return _with_blocks(found[other].grid(1), wanted)  # all, and 1 and 1.0 are two of them
        if isinstance(wanted, tuple | list):
            return tuple(taken(found[other], each) for each in wanted)
        return taken(found[other], wanted)

    if dimension.when is None:
        return dimension
    when = {other: as_of(other, wanted) for other, wanted in dimension.when.items()}
    return dimension.model_copy(update={"when": when})


def _before(key: str, dimensions: Mapping[str, Dimension]) -> list[str]:
    """The keys whose values must be known before this one's."""
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
            elif other in found and isinstance(wanted, tuple) and found[other].contains(wanted):
                what = f"the list of '{other}' is one of alternatives, and its value is a list"
                problems.add(place, what, f"write [{flow(wanted)}]")
            elif wanted == ():
                what = f"'{other}' has no alternatives here, so the key is never active"
                problems.add(place, what, "name its values, or remove the condition")
            elif other in found:
                for value in _alternatives(wanted):
                    if not found[other].contains(value):
                        what = f"'{other}' is never {show(value)}"
                        values = getattr(found[other], "values", None)
                        listed = f"its values are {show(values)}" if values else ""
                        problems.add(place, what, listed or "name one of its values")
    for key, each in found.items():
        circle = _circle(key, found)
        # A cycle is one error, reported where its first key is.
        if circle and key == min(circle, key=list(found).index):
            way = " on ".join(f"'{other}'" for other in (*circle[1:], key))
            problems.add(each.origin, f"'{key}' depends on {way}", "remove one 'when'")


def _circle(key: str, found: Mapping[str, Dimension]) -> list[str]:
    """The keys of a cycle of conditions, or of order, that leads back to a key."""
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
    if not isinstance(node, nodes.Sequence):  # which is reported as of any list
        return []
    if len(found) < len(space.entries):  # names of dimensions with errors would seem to be unknown
        return []
    limits, names = [], Names({key: each.numeric for key, each in found.items()})
    for item in node.items:
        if not isinstance(item, nodes.Scalar) or not isinstance(item.value, str):
            problems.add(item.origin, "a constraint must be text", "write 'params.depth <= 4'")
            continue
        limit = constraint.read(item.value, names, item.origin, problems)
        if limit is not None:
            limits.append(limit)
    return limits
