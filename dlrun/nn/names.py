"""The names that a model gives to values, and where each of them holds.

A name holds from where it is given to the end of the list of layers that it stands in, lists
inside included.  So the copies of a ``repeat`` do not get in each other's way, and a layer reads
only what stands above it: there can be no circle.
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

_TAKEN = {PREVIOUS: "what the layer above gives", INPUT: "what goes into the network"}


@dataclass(frozen=True, slots=True)
class _Unknown:
    """A name that nothing has so far: its reader's place, and what could be read there."""

    name: str
    place: Origin
    known: tuple[str, ...]


class Names(Generic[V]):
    """Values by name.

    Args:
        input: what goes into the network.
        problems: gets names that are given twice or cannot be read.
    """

    def __init__(self, input: V, problems: Problems) -> None:  # noqa: A002
        self._input, self._problems = input, problems
        self._scopes: list[dict[str, tuple[V, Origin]]] = []
        self._given: dict[str, Origin] = {}
        self._unknown: dict[tuple[str, Origin], _Unknown] = {}

    @contextmanager
    def inner(self) -> Iterator[None]:
        """A list of layers: what is named in it is forgotten behind it."""
        self._scopes.append({})
        yield
        self._scopes.pop()

    def define(self, name: str, value: V, place: Origin) -> None:
        """Give a value a name."""
        if name in _TAKEN:
            self._problems.add(place, f"'{name}' is {_TAKEN[name]}", "choose another name")
            return
        self._given.setdefault(name, place)
        first = self._visible().get(name)
        if first is not None:
            self._problems.add(
                place, f"node '{name}' is there already, at {first[1]}", "rename one"
            )
            return
        self._scopes[-1][name] = (value, place)

    def read(self, name: str, previous: V, place: Origin) -> V | None:
        """The value of a name; None where none can be read there."""
        if name == PREVIOUS:
            return previous
        if name == INPUT:
            return self._input
        visible = self._visible()
        if name in visible:
            return visible[name][0]
        if (name, place) not in self._unknown:  # in the first copy of a `repeat`, it is below
            if name in self._given:
                self._problems.add(
                    place,
                    f"node '{name}' holds only in its own list of layers, at {self._given[name]}",
                    "give a name behind that list",
                )
            else:
                known = (*_TAKEN, *visible)
                self._unknown[name, place] = _Unknown(name, place, known)
        return None

    def finish(self) -> None:
        """Note the names that nothing had when they were read."""
        for each in self._unknown.values():
            if each.name in self._given:
                what = f"node '{each.name}' stands further below, at {self._given[each.name]}"
                self._problems.add(each.place, what, "a layer reads only what is above it")
            else:
                advice = did_you_mean(each.name, each.known)
                self._problems.add(each.place, f"unknown node '{each.name}'", advice)

    def _visible(self) -> dict[str, tuple[V, Origin]]:
        return {name: found for scope in self._scopes for name, found in scope.items()}
