"""Python values to nodes, within the limits of a spec."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

from dlrun.spec.nodes import (
    MAX_DEPTH,
    MAX_NODES,
    SURROGATE,
    TOO_MUCH,
    Entry,
    Mapping,
    Node,
    Scalar,
    Sequence,
    checked,
    weight,
)
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import UNKNOWN

PlaceOf = Callable[[tuple[str, ...]], Origin]
"""The origin of a value, by its path."""


def from_python(value: Any, place_of: PlaceOf, problems: Problems) -> Node:
    """A tree of Python values; NumPy numbers become plain ones, and paths text.

    Args:
        value: mappings, lists, tuples, text, numbers, paths, bools and None.
        place_of: makes the origin of each value.
        problems: gets values that a spec cannot contain.
    """
    try:
        return _Reader(place_of, problems).read(value, ())
    except _TooMuchError:
        origin = place_of(())
        problems.add(origin, TOO_MUCH, "keep large data in a data file")
        return Scalar(UNKNOWN, origin)


def from_plain(value: Any, origin: Origin) -> Node:
    """A tree of Python values that all have one origin.

    Raises:
        ValueError: a spec cannot contain the value; the message includes advice.
    """
    problems = Problems()
    node = from_python(value, lambda _: origin, problems)
    if problems:
        raise ValueError(problems.messages()[0])
    return node


class _TooMuchError(Exception):
    """There are more values than a spec can have."""


class _Reader:
    """Reads one value and all values in it."""

    def __init__(self, place_of: PlaceOf, problems: Problems) -> None:
        self._place_of, self._problems = place_of, problems
        self._open: set[int] = set()
        self._weight = 0

    def read(self, value: Any, path: tuple[str, ...]) -> Node:
        origin = self._place_of(path)
        if not isinstance(value, AnyMapping | list | tuple):
            return self._scalar(value, origin)
        if id(value) in self._open:
            return self._refused(origin, "a value that contains itself", "write it out")
        if len(path) > MAX_DEPTH:
            return self._refused(origin, f"nested deeper than {MAX_DEPTH} levels", "flatten it")
        self._count(1)
        self._open.add(id(value))
        try:
            if isinstance(value, AnyMapping):
                return self._mapping(value, path, origin)
            return self._sequence(value, path, origin)
        finally:
            self._open.remove(id(value))

    def _mapping(
        self, value: AnyMapping[Any, Any], path: tuple[str, ...], origin: Origin
    ) -> Mapping:
        entries = {}
        for key, inner in value.items():
            inner_path = (*path, str(key))
            place = self._place_of(inner_path)
            if not isinstance(key, str):
                self._problems.add(place, f"a key must be text, got {key!r}", "put it in quotes")
            elif SURROGATE.search(key):
                self._problems.add(place, "a key that is not valid Unicode", "write it in UTF-8")
            entries[str(key)] = Entry(place, self.read(inner, inner_path))
        return Mapping(entries, origin)

    def _sequence(
        self, value: list[Any] | tuple[Any, ...], path: tuple[str, ...], origin: Origin
    ) -> Sequence:
        items = []
        for index, item in enumerate(value):
            items.append(self.read(item, (*path, str(index))))
        return Sequence(tuple(items), origin)

    def _scalar(self, value: Any, origin: Origin) -> Scalar:
        if isinstance(value, PurePath):
            value = str(value)
        self._count(weight(value))
        if value is None or isinstance(value, bool):
            return Scalar(value, origin)
        if isinstance(value, str):
            if SURROGATE.search(value):
                return self._refused(origin, "text that is not valid Unicode", "write it in UTF-8")
            return Scalar(str(value), origin)
        if isinstance(value, Integral):
            try:
                return Scalar(checked(int(value), "a number"), origin)
            except ValueError as error:
                advice = "use a smaller number, or text"
                return self._refused(origin, str(error), advice)
        if isinstance(value, Real):
            return Scalar(float(value), origin)
        return self._refused(
            origin,
            f"a spec cannot contain a value of type {_name(type(value))}",
            "use text, numbers, true, false, null, lists or mappings",
        )

    def _count(self, more: int) -> None:
        self._weight += more
        if self._weight > MAX_NODES:
            raise _TooMuchError

    def _refused(self, origin: Origin, what: str, advice: str) -> Scalar:
        self._problems.add(origin, what, advice)
        return Scalar(UNKNOWN, origin)


def _name(kind: type) -> str:
    """A type as a message names it, with its module if that is not Python's own."""
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"
