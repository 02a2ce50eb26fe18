"""YAML text to nodes, safely and in the 1.2 core schema.

PyYAML only cuts the text into events.  What they mean is decided here, so that ``1e-3`` is a
number, ``no`` is text and ``010`` is 10 (YAML 1.2.2, section 10.3), that every value has its
place, and that nothing a file says can cost more than the limits below.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import yaml

from dlrun.errors import DataError, SpecError
from dlrun.files import open_regular
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
    weight,
    whole,
)
from dlrun.spec.origin import InFile
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import UNKNOWN

MAX_BYTES = 2**20

_TOO_DEEP = (f"nested deeper than {MAX_DEPTH} levels", "flatten the spec")

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = frozenset((".nan", ".NaN", ".NAN"))
_MAX_DIGITS = 400


def resolve(text: str) -> Any:
    """What plain (unquoted) text means in the core schema.

    Raises:
        ValueError: a number of absurd length, beyond 64 bits, or beyond all floats.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    number = _FLOAT.fullmatch(text) or _BASED.fullmatch(text)  # every decimal int is a float, too
    if len(text) > _MAX_DIGITS and number:
        raise ValueError(f"a number of {len(text)} digits")
    if _INT.fullmatch(text):
        return whole(text)
    if _BASED.fullmatch(text):
        return whole(text, 0)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise ValueError(f"{text} is beyond the largest number")
        return value
    if infinite := _INFINITE.fullmatch(text):
        return float(f"{infinite[1]}inf")
    if text in _NAN:
        return float("nan")
    return text


def read(path: Path) -> tuple[str, str]:
    """The text of a spec, and its name for messages.

    Raises:
        SpecError: the file is missing, too large, or not UTF-8.
    """
    name = str(path)
    try:
        with open_regular(path) as file:
            content = file.read(MAX_BYTES + 1)
    except DataError as fault:
        if path.is_dir():
            raise SpecError([f"{name}: this is a directory; name the YAML file in it"]) from None
        raise SpecError([str(fault)]) from fault
    except FileNotFoundError:
        raise SpecError([f"{name}: there is no such file"]) from None
    except OSError as fault:
        raise SpecError([f"{name}: cannot be read: {fault.strerror}"]) from fault
    except ValueError:
        raise SpecError([f"{name!r}: no file has such a name"]) from None
    if len(content) > MAX_BYTES:
        raise SpecError([f"{name}: larger than {MAX_BYTES // 2**20} MiB; a spec is no data file"])
    try:
        return content.decode("utf-8-sig"), name
    except UnicodeDecodeError as fault:
        line = content.count(b"\n", 0, fault.start) + 1
        column = fault.start - (content.rfind(b"\n", 0, fault.start) + 1) + 1
        raise SpecError(
            [f"{name}:{line}:{column}: not UTF-8; save the file in that encoding"]
        ) from fault


def parse(text: str, name: str, problems: Problems) -> Node | None:
    """The tree of a text; None where nothing can be made of it, and ``problems`` says why.

    Args:
        text: one YAML document.
        name: of the file, for places.
        problems: gets what is wrong, as duplicate keys; the rest is parsed all the same.
    """
    composer = _Composer(name, problems)
    if lone := SURROGATE.search(text):  # bytes of an argument that were no UTF-8
        before = text[: lone.start()]
        place = InFile(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(place, "a character that is no Unicode", "write it in UTF-8")
        return None
    try:
        for event in _events(text):
            composer.take(event)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        what = " ".join(filter(None, (fault.context, fault.problem)))
        place = composer.place(mark) if mark else InFile(name, 1, 1)
        if "nesting depth" in what:  # PyYAML 6.0.4 looks ahead, and may find it before _open does
            problems.add(place, *_TOO_DEEP)
        else:
            problems.add(place, f"not YAML: {what}", _hint(text, place))
        return None
    except yaml.reader.ReaderError as fault:
        before = text[: fault.position]
        place = InFile(name, before.count("\n") + 1, len(before) - before.rfind("\n"))
        problems.add(place, "a character that YAML does not allow", "remove it")
        return None
    except _GiveUpError:
        return None
    return composer.root


def _events(text: str) -> Iterator[yaml.Event]:
    loader = _LOADER(text)
    try:
        while loader.check_event():
            yield loader.get_event()
    finally:
        loader.dispose()


def _hint(text: str, place: InFile) -> str:
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not tabs"
    if "${" in line:
        return "put ${...} in quotes inside { } and [ ]"
    return "look at the indentation, and at the line before"


class _GiveUpError(Exception):
    """The limit was passed or the tree makes no sense; the problem is noted."""


@dataclass(slots=True)
class _Open:
    """A list or mapping under construction."""

    origin: InFile
    anchor: str | None
    items: list[Node] | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    key: tuple[str, InFile] | None = None
    skip: bool = False
    nodes: int = 1
    height: int = 1


class _Composer:
    """Builds the tree from events, with a stack of its own: depth is a number, not a recursion."""

    def __init__(self, name: str, problems: Problems) -> None:
        self.name, self.problems = name, problems
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.documents = 0
        self.nodes = 0

    def place(self, mark: Any) -> InFile:
        return InFile(self.name, mark.line + 1, mark.column + 1)

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._give_up(event, "a second document", "a spec is one document, without ---")
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._open(event)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._close()

    def _scalar(self, event: Any) -> None:
        origin = self.place(event.start_mark)
        value: Any = event.value
        self._refuse_tag(event, origin)
        if event.implicit[0]:
            try:
                value = resolve(event.value)
            except ValueError as fault:
                value = UNKNOWN
                self.problems.add(
                    origin, str(fault), "write a smaller one, or quote it if it is text"
                )
        self._add(Scalar(value, origin), event.anchor, weight(value), 0)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self._give_up(event, f"*{event.anchor} is not defined", "define it further up")
        found = self.anchors[event.anchor]
        if found is None:
            self._give_up(event, f"*{event.anchor} is used inside itself", "write the value out")
        node, size, height = found
        if len(self.stack) + height > MAX_DEPTH:
            self._give_up(event, *_TOO_DEEP)
        self._add(node, None, size, height)

    def _open(self, event: Any) -> None:
        origin = self.place(event.start_mark)
        self._refuse_tag(event, origin)
        if len(self.stack) >= MAX_DEPTH:
            self._give_up(event, *_TOO_DEEP)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        is_list = isinstance(event, yaml.SequenceStartEvent)
        self.stack.append(_Open(origin, event.anchor, [] if is_list else None))

    def _close(self) -> None:
        done = self.stack.pop()
        node: Node
        if done.items is not None:
            node = Sequence(tuple(done.items), done.origin)
        else:
            node = Mapping(done.entries, done.origin)
        self._add(node, done.anchor, done.nodes, done.height, counted=done.nodes - 1)

    def _add(
        self, node: Node, anchor: str | None, size: int, height: int, counted: int = 0
    ) -> None:
        """Put a finished node where it belongs; ``counted`` of its ``size`` nodes were counted."""
        self.nodes += size - counted
        if self.nodes > MAX_NODES:
            origin = self.stack[-1].origin if self.stack else node.origin
            self.problems.add(origin, f"{TOO_MUCH}, aliases written out", "a spec is no data file")
            raise _GiveUpError
        if anchor is not None:
            self.anchors[anchor] = (node, size, height)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        parent.nodes += size
        parent.height = max(parent.height, height + 1)
        if parent.items is not None:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._key(node, parent)
        else:
            key, origin = parent.key
            parent.key = None
            if not parent.skip:
                parent.entries[key] = Entry(origin, node)

    def _key(self, node: Node, parent: _Open) -> tuple[str, InFile]:
        origin = node.origin
        assert isinstance(origin, InFile)
        parent.skip = True
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            shown = f"'{node.value}'" if isinstance(node, Scalar) else "a list or mapping"
            self.problems.add(origin, f"the key {shown} is no text", "put it in quotes")
            return ("", origin)
        key = node.value
        if key == "<<":
            self.problems.add(
                origin, "the merge key << is not in YAML 1.2", "write the keys out, or use params"
            )
        elif key in parent.entries:
            first = parent.entries[key].key
            self.problems.add(origin, f"duplicate key '{key}'", f"it is first given at {first}")
        else:
            parent.skip = False
        return (key, origin)

    def _refuse_tag(self, event: Any, origin: InFile) -> None:
        if event.tag is not None and event.tag != "!":
            self.problems.add(origin, f"the tag {event.tag} is not allowed", "remove it")

    def _give_up(self, event: Any, what: str, advice: str) -> NoReturn:
        self.problems.add(self.place(event.start_mark), what, advice)
        raise _GiveUpError
