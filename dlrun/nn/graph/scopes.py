"""Names of values in a model, and where each of them is valid.

A name is valid from its definition to the end of the list of layers that contains it, including
lists inside.  So the copies of a ``repeat`` do not conflict, and a layer only reads values above
it: the graph has no cycles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems, did_you_mean

V = TypeVar("V")

PREVIOUS = "previous"
INPUT = "input"

_TAKEN = {PREVIOUS: "the output of the layer above", INPUT: "the input of the network"}


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A name that is not defined where it is read, with its position and the names known there."""

    name: str
    place: Origin
    known: tuple[str, ...]


class Names(Generic[V]):
    """Values by name.

    Args:
        input: the input of the network.
        problems: receives names that are defined twice or cannot be read.
    """

    def __init__(self, input: V, problems: Problems) -> None:  # noqa: A002
        self._input, self._problems = input, problems
        self._scopes: list[dict[str, tuple[V, Origin]]] = []
        self._given: dict[str, Origin] = {}
        self._unknown: dict[tuple[str, Origin], _Unknown] = {}

    @contextmanager
    def inner(self) -> Iterator[None]:
        """The scope of a list of layers: names defined in it are forgotten after it."""
        self._scopes.append({})
        yield
        self._scopes.pop()

    def define(self, name: str, value: V, place: Origin) -> None:
        """Name a value."""
        if name in _TAKEN:
            self._problems.add(place, f"'{name}' is {_TAKEN[name]}", "choose another name")
            return
        self._given.setdefault(name, place)
        first = self._found(name)
        if first is not None:
            self._problems.add(
                place, f"node '{name}' is already defined at {first[1]}", "rename one"
            )
            return
        self._scopes[-1][name] = (value, place)

    def read(self, name: str, previous: V, place: Origin) -> V | None:
        """The value of a name; None if it is not valid there."""
        if name == PREVIOUS:
            return previous
        if name == INPUT:
            return self._input
        if (found := self._found(name)) is not None:
            return found[0]
        if (name, place) not in self._unknown:  # in the first copy of a `repeat`, it is below
            if name in self._given:
                defined = self._given[name]
                self._problems.add(
                    place,
                    f"node '{name}' is valid only in its own list of layers, at {defined}",
                    "name the value after that list",
                )
            else:
                known = (*_TAKEN, *(name for scope in self._scopes for name in scope))
                self._unknown[name, place] = _Unknown(name, place, known)
        return None

    def finish(self) -> None:
        """Add problems for names that were not defined where they were read."""
        for each in self._unknown.values():
            if each.name in self._given:
                what = f"node '{each.name}' is defined further below, at {self._given[each.name]}"
                self._problems.add(each.place, what, "a layer can only use layers above it")
            else:
                advice = did_you_mean(each.name, each.known)
                self._problems.add(each.place, f"unknown node '{each.name}'", advice)

    def _found(self, name: str) -> tuple[V, Origin] | None:
        return next((scope[name] for scope in self._scopes if name in scope), None)
