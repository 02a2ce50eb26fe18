"""PyYAML's events to a tree of nodes, within limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from dlrun.spec.core_schema import resolve
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
from dlrun.spec.origin import InFile
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import UNKNOWN
from dlrun.spec.yaml_hints import is_fraction

TOO_DEEP = (f"nested deeper than {MAX_DEPTH} levels", "flatten the spec")
"""What is wrong, and what to do."""


class GiveUpError(Exception):
    """A limit is exceeded or the tree cannot be built; the problem is noted."""


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


class Composer:
    """Builds the tree from events with its own stack, so that depth does not need recursion."""

    def __init__(self, name: str, problems: Problems) -> None:
        self.name, self.problems = name, problems
        self.root: Node | None = None
        self.stack: list[_Open] = []
        self.anchors: dict[str, tuple[Node, int, int] | None] = {}
        self.documents = 0
        self.nodes = 0
        self.before: Any = None  # the previous scalar

    def place(self, mark: Any) -> InFile:
        """The line and column of one of PyYAML's marks."""
        return InFile(self.name, mark.line + 1, mark.column + 1)

    def take(self, event: yaml.Event) -> None:
        """Add the next event.

        Raises:
            GiveUpError: the rest cannot be read; the problem is noted.
        """
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                self._give_up(
                    event, "a second document", "a spec is a single document, without ---"
                )
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            self._open(event)
        elif isinstance(event, yaml.SequenceEndEvent | yaml.MappingEndEvent):
            self._close()

    def _scalar(self, event: Any) -> None:
        before, self.before = self.before, event
        cut = before is not None and self.stack and is_fraction(before, event)
        if cut and self._after_comma(self.stack[-1], before, event):
            return
        origin = self.place(event.start_mark)
        value: Any = event.value
        self._refuse_tag(event, origin)
        if event.implicit[0]:
            try:
                value = resolve(event.value)
            except ValueError as error:
                value = UNKNOWN
                self.problems.add(
                    origin, str(error), "use a smaller one, or quote it if it is text"
                )
        self._add(Scalar(value, origin), event.anchor, weight(value), 0)

    def _after_comma(self, parent: _Open, before: Any, event: Any) -> bool:
        """Note a decimal comma inside { } or [ ], which YAML takes for the end of the number.

        Returns:
            Whether it is one; then the number before it becomes unknown.
        """
        place = self.place(before.start_mark)
        number = Scalar(UNKNOWN, place)
        if parent.items is not None:  # such as [dropout: 0,5]
            last = parent.items[-1] if parent.items else None
            if not isinstance(last, Mapping) or len(last.entries) != 1:
                return False
            ((key, entry),) = last.entries.items()
            parent.items[-1] = Mapping({key: Entry(entry.key, number)}, last.origin)
        elif parent.key is None and parent.entries:  # such as {lr: 0,01}
            key = next(reversed(parent.entries))
            parent.entries[key] = Entry(parent.entries[key].key, number)
            parent.key, parent.skip = ("", place), True  # YAML adds an empty value
        else:
            return False
        self.problems.add(
            place,
            f"{before.value},{event.value} has a decimal comma",
            f"write {before.value}.{event.value}",
        )
        return True

    def _alias(self, event: Any) -> None:
        if event.anchor not in self.anchors:
            self._give_up(event, f"*{event.anchor} is not defined", "define it further up")
        found = self.anchors[event.anchor]
        if found is None:
            self._give_up(event, f"*{event.anchor} is used inside itself", "write the value out")
        node, size, height = found
        if len(self.stack) + height > MAX_DEPTH:
            self._give_up(event, *TOO_DEEP)
        self._add(node, None, size, height)

    def _open(self, event: Any) -> None:
        origin = self.place(event.start_mark)
        self._refuse_tag(event, origin)
        if len(self.stack) >= MAX_DEPTH:
            self._give_up(event, *TOO_DEEP)
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
        """Add a finished node to the open list or mapping.

        ``counted`` of its ``size`` nodes are counted already.
        """
        self.nodes += size - counted
        if self.nodes > MAX_NODES:
            origin = self.stack[-1].origin if self.stack else node.origin
            self.problems.add(
                origin, f"{TOO_MUCH}, with aliases written out", "keep data in a data file"
            )
            raise GiveUpError
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
            self.problems.add(origin, f"the key {shown} is not text", "put it in quotes")
            return ("", origin)
        key = node.value
        if key == "<<":
            self.problems.add(
                origin, "the merge key << is not in YAML 1.2", "write the keys out, or use params"
            )
        elif key in parent.entries:
            first = parent.entries[key].key
            self.problems.add(origin, f"duplicate key '{key}'", f"first used at {first}")
        else:
            parent.skip = False
        return (key, origin)

    def _refuse_tag(self, event: Any, origin: InFile) -> None:
        if event.tag is not None and event.tag != "!":
            self.problems.add(origin, f"the tag {event.tag} is not allowed", "remove it")

    def _give_up(self, event: Any, what: str, advice: str) -> NoReturn:
        self.problems.add(self.place(event.start_mark), what, advice)
        raise GiveUpError
