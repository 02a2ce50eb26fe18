"""A spec as a frozen tree in which every value has its origin."""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from typing import Any

from dlrun.spec.origin import Origin

MAX_DEPTH = 64
"""Levels of lists and mappings in a tree; code that walks a tree can therefore recurse."""

MAX_NODES = 100_000
"""Maximum weight of a spec with every alias and every ``${...}`` written out; see ``weight``."""

_LETTERS = 64
"""Characters of text that weigh as much as one value."""

TOO_MUCH = f"more than {MAX_NODES:,} values, or {MAX_NODES * _LETTERS / 1e6:g} million characters"

SURROGATE = re.compile("[\ud800-\udfff]")
"""Bytes of an argument that were not UTF-8."""


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
    """A value of a mapping, and the origin of its key."""

    key: Origin
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """Values by key, in the order of the file."""

    entries: AnyMapping[str, Entry]
    origin: Origin

    def get(self, key: str) -> Node | None:
        """The value of a key; None if the key is absent."""
        entry = self.entries.get(key)
        return None if entry is None else entry.value

    def having(self, key: str, value: Node, origin: Origin) -> Mapping:
        """The same mapping with another value for a key, in the same order."""
        return Mapping({**self.entries, key: Entry(origin, value)}, self.origin)


Node = Scalar | Sequence | Mapping


def weight(value: Any) -> int:
    """The weight of a value other than a list or mapping: 1, and more for long text."""
    return 1 + len(value) // _LETTERS if isinstance(value, str) else 1


def whole(text: str, base: int = 10) -> int:
    """Text as a whole number of 64 bits.

    Raises:
        ValueError: it does not fit; the message is the error.
    """
    return checked(int(text, base), text)


def checked(value: int, text: str) -> int:
    """The same whole number if it fits into 64 bits, with or without a sign.

    Args:
        value: the number.
        text: the number as a message shows it.

    Raises:
        ValueError: it does not fit.
    """
    if not -(2**63) <= value < 2**64:
        shown = text if len(text) <= 24 else f"{text[:21]}..."
        raise ValueError(f"{shown} does not fit into 64 bits")
    return value


def plain(node: Node) -> Any:
    """The tree as Python data; lists become tuples, since components are frozen."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return tuple(plain(item) for item in node.items)
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def relocated(node: Node, origin: Origin) -> Node:
    """The same tree, all of it from one place."""
    if isinstance(node, Mapping):
        entries = {
            key: Entry(origin, relocated(entry.value, origin))
            for key, entry in node.entries.items()
        }
        return Mapping(entries, origin)
    if isinstance(node, Sequence):
        return Sequence(tuple(relocated(item, origin) for item in node.items), origin)
    return Scalar(node.value, origin)
