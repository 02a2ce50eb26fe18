"""A spec as a tree in which every value knows where it came from; frozen, like all that follows."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Any

from dlrun.spec.origin import Origin


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text, a number, true, false or null."""

    value: Any
    origin: Origin


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Node, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Entry:
    """A value of a mapping, and where its key stands."""

    key: Origin
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Values by key, in the order of the file."""

    entries: AnyMapping[str, Entry]
    origin: Origin

    def get(self, key: str) -> Node | None:
        """The value of a key; None where there is none."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def having(self, key: str, value: Node, origin: Origin) -> Mapping:
        """The same mapping with another value for a key, which keeps its place."""
        return Mapping({**self.entries, key: Entry(origin, value)}, self.origin)


Node = Scalar | Sequence | Mapping


def plain(node: Node) -> Any:
    """The tree as Python data; lists become tuples, as frozen components hold them."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return tuple(plain(item) for item in node.items)
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def from_plain(data: Any, origin: Origin) -> Node:
    """A tree of Python data, all of it from one place."""
    if isinstance(data, AnyMapping):
        entries = {
            str(key): Entry(origin, from_plain(value, origin)) for key, value in data.items()
        }
        return Mapping(entries, origin)
    if isinstance(data, list | tuple):
        return Sequence(tuple(from_plain(item, origin) for item in data), origin)
    return Scalar(data, origin)


def show(data: Any) -> str:
    """A value as a message shows it: short, and text in quotes."""
    text = {True: "true", False: "false", None: "null"}.get(data) if _is_word(data) else None
    if text is None:
        text = repr(list(data)) if isinstance(data, tuple) else repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_word(data: Any) -> bool:
    return data is None or isinstance(data, bool)
