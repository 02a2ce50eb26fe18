"""A spec as a tree in which every value knows where it came from; frozen, like all that follows."""

from __future__ import annotations

import re
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from numbers import Integral, Real
from pathlib import PurePath
from typing import Any

from dlrun.spec.origin import Origin

MAX_DEPTH = 64
"""Levels of lists and mappings in a tree, so that whoever walks one may recurse."""

MAX_NODES = 100_000
"""What a spec may weigh, with every alias and every ``${...}`` written out: see ``weight``."""

_LETTERS = 64
"""Letters of text that weigh as much as a value."""

TOO_MUCH = f"more than {MAX_NODES:,} values, or {MAX_NODES * _LETTERS / 1e6:g} million letters"

SURROGATE = re.compile("[\ud800-\udfff]")
"""Bytes of an argument that were no UTF-8."""


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


def weight(value: Any) -> int:
    """What a value that is no list and no mapping counts: 1, and more where it is a long text."""
    return 1 + len(value) // _LETTERS if isinstance(value, str) else 1


def whole(text: str, base: int = 10) -> int:
    """A whole number of 64 bits.

    Raises:
        ValueError: it is beyond them; the message says so.
    """
    return checked(int(text, base), text)


def checked(value: int, text: str) -> int:
    """A whole number, which ``text`` shows, if it has no more than 64 bits.

    Raises:
        ValueError: it has more.
    """
    if not -(2**63) <= value < 2**63:
        shown = text if len(text) <= 24 else f"{text[:21]}..."
        raise ValueError(f"{shown} is beyond whole numbers of 64 bits")
    return value


def plain(node: Node) -> Any:
    """The tree as Python data; lists become tuples, as frozen components hold them."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return tuple(plain(item) for item in node.items)
    return {key: plain(entry.value) for key, entry in node.entries.items()}


def from_plain(data: Any, origin: Origin, depth: int = 0) -> Node:
    """A tree of Python data, all of it from one place; numbers of NumPy and paths are plain.

    Raises:
        ValueError: a spec cannot say such a value; the message says what it is.
    """
    if depth > MAX_DEPTH:
        raise ValueError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(data, AnyMapping):
        entries = {
            str(key): Entry(origin, from_plain(value, origin, depth + 1))
            for key, value in data.items()
        }
        return Mapping(entries, origin)
    if isinstance(data, list | tuple):
        return Sequence(tuple(from_plain(item, origin, depth + 1) for item in data), origin)
    if isinstance(data, str) and SURROGATE.search(data):
        raise ValueError("a character that is no Unicode")
    if data is None or isinstance(data, bool | str):
        return Scalar(data, origin)
    if isinstance(data, Integral):
        return Scalar(checked(int(data), "a number"), origin)
    if isinstance(data, Real):
        return Scalar(float(data), origin)
    if isinstance(data, PurePath):
        return Scalar(str(data), origin)
    raise ValueError(f"no value of a spec: {type(data).__name__}")


def show(data: Any) -> str:
    """A value as a message shows it: short, and text in quotes."""
    text = {True: "true", False: "false", None: "null"}.get(data) if _is_word(data) else None
    if text is None:
        text = repr(list(data)) if isinstance(data, tuple) else repr(data)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _is_word(data: Any) -> bool:
    return data is None or isinstance(data, bool)
