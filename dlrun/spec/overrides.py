"""``a.b.c=value``: keys of a spec set from the command line or from Python.

A path works with any notation in the file: ``optimizer.adam.lr=3e-3`` fits ``optimizer: adam``,
``{adam: 1e-3}`` and ``{adam: {lr: 1e-3}}``, and replaces any other optimizer by adam.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence as AnySequence
from dataclasses import dataclass
from typing import Any

from dlrun.spec.component import Component
from dlrun.spec.conflicts import params_read, says
from dlrun.spec.field_types import PLAIN, FieldType, field_type
from dlrun.spec.flow import show
from dlrun.spec.from_python import from_plain
from dlrun.spec.nodes import Entry, Mapping, Node, Scalar, Sequence, plain, relocated
from dlrun.spec.notation import find, named, section_fields
from dlrun.spec.origin import InOverride, Origin
from dlrun.spec.other_keys import advice
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.spec.yaml import parse

Overrides = AnyMapping[str, Any] | AnySequence[str]
"""``["a.b=1"]``, the values in YAML, or ``{"a.b": 1}``."""


@dataclass(frozen=True, slots=True)
class Override:
    """One override: its path, its value, and its origin."""

    path: tuple[str, ...]
    value: Node
    origin: Origin

    @property
    def shown(self) -> str:
        """The override as text for a message."""
        if isinstance(self.origin, InOverride):
            return self.origin.text
        return f"{'.'.join(self.path)}={show(plain(self.value))}"


def read(given: Overrides, problems: Problems) -> list[Override]:
    """Parse overrides.

    Args:
        given: texts or a mapping.
        problems: gets those that cannot be parsed.
    """
    if isinstance(given, AnyMapping):
        found = []
        for key, value in given.items():
            if not isinstance(key, str):
                what = f"an override's key must be text, got {key!r}"
                problems.add(
                    _origin(f"{key}={_shown(value)}"), what, "write {'optimizer.adam.lr': 3e-3}"
                )
                continue
            origin = _origin(f"{key}={_shown(value)}")
            try:
                node = from_plain(value, origin)
            except ValueError as error:
                problems.add(origin, str(error))
            else:
                found.append(Override(tuple(key.split(".")), node, origin))
        return found
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        what = f"overrides must be a list of texts or a mapping, got {given!r}"
        problems.add(_origin(str(given)), what, "write ['optimizer.adam.lr=3e-3']")
        return []
    return [override for text in given for override in _read_text(text, problems)]


def _read_text(text: str, problems: Problems) -> Iterable[Override]:
    origin = _origin(str(text))
    if not isinstance(text, str):
        what = f"an override must be text, got {text!r}"
        problems.add(origin, what, "write 'optimizer.adam.lr=3e-3'")
        return
    key, sign, value = text.partition("=")
    if not sign or not key.strip():
        problems.add(origin, "not an override", "write key=value, e.g. optimizer.adam.lr=3e-3")
        return
    inner = Problems()
    node = parse(value, text, inner)
    for message in inner.messages():
        problems.add(origin, message)
    if not inner:
        value_node = Scalar(None, origin) if node is None else relocated(node, origin)
        yield Override(tuple(key.strip().split(".")), value_node, origin)


def _shown(value: Any) -> str:
    try:
        return str(value)
    except ValueError:  # Python refuses to format numbers of thousands of digits
        return "..."


def _origin(text: str) -> InOverride:
    """The override, with bytes that are not UTF-8 escaped."""
    return InOverride(text.encode(errors="backslashreplace").decode())


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two overrides, the second of which undoes the first.

    Attributes:
        first: the override whose value is not in force.
        second: the override that undoes it.
        unread: whether the first sets a param that nothing uses because of the second.
    """

    first: Override
    second: Override
    unread: bool = False

    @property
    def fault(self) -> str:
        """What is wrong with the second."""
        if self.unread:
            return f"it would replace everything that uses {self.first.shown}"
        return f"it would undo {self.first.shown}"


def apply(
    root: Mapping, cls: type[Component], overrides: Iterable[Override], problems: Problems
) -> Mapping:
    """The tree with all overrides set.

    If two set the same key, the later one applies.  Two keys that contradict each other, such as
    ``optimizer.adam.lr`` and ``optimizer: sgd``, are an error.

    Args:
        root: the spec.
        cls: the component that it describes.
        overrides: keys to set, in this order.
        problems: gets paths that do not exist, and contradictions.
    """
    given = list(overrides)
    changed, conflicts = set_all(root, cls, given, problems)
    for each in conflicts:
        parents = sorted(given, key=lambda one: len(one.path))
        in_order = not set_all(root, cls, parents, Problems())[1]
        advice = "write it before that one" if in_order else "remove one of the two"
        problems.add(each.second.origin, each.fault, advice)
    return changed


def set_all(
    root: Mapping, cls: type[Component], overrides: Iterable[Override], problems: Problems
) -> tuple[Mapping, list[Conflict]]:
    """The tree with all overrides set, and those of them that are not in force in it.

    Args:
        root: the spec.
        cls: the component that it describes.
        overrides: keys to set, in this order.
        problems: gets paths that do not exist.
    """
    before, conflicts = root, list[Conflict]()
    done: list[Override] = []
    for override in overrides:
        node = _Path(override, problems).into_section(root, cls, override.path)
        if not isinstance(node, Mapping):
            continue
        root = node
        done = [each for each in done if each.path != override.path]
        undone = [each for each in done if not says(root, cls, each.path, each.value)]
        conflicts += [Conflict(each, override) for each in undone]
        done = [*(each for each in done if each not in undone), override]
    params = [each for each in done if each.path[0] == "params" and len(each.path) > 1]
    if params and len(done) > len(params):
        conflicts += _unread(before, cls, done, params, params_read(root))
    return root, conflicts


def _unread(
    root: Mapping,
    cls: type[Component],
    overrides: Iterable[Override],
    params: Iterable[Override],
    read: frozenset[str],
) -> Iterable[Conflict]:
    """Params that the spec used until other overrides replaced the values that used them."""
    lost = {each.path[1]: each for each in params if each.path[1] not in read}
    lost = {name: each for name, each in lost.items() if name in params_read(root)}
    for override in overrides:
        if not lost:
            return
        node = _Path(override, Problems()).into_section(root, cls, override.path)
        root = node if isinstance(node, Mapping) else root
        now = params_read(root)
        for name in [name for name in lost if name not in now]:
            yield Conflict(lost.pop(name), override, unread=True)


class _Path:
    """Follows one override; each step returns the new node, or None if the path does not exist."""

    def __init__(self, override: Override, problems: Problems) -> None:
        self.override, self.problems = override, problems
        self.origin = override.origin

    def into(self, node: Node | None, kind: FieldType, path: tuple[str, ...]) -> Node | None:
        if not path:
            return self.override.value
        if isinstance(node, Scalar) and isinstance(node.value, str) and "${" in node.value:
            key = ".".join(self.override.path[: -len(path)])
            return self._lost(f"'{key}' is {node.value}", "override the params in it")
        if kind.many:
            return self._into_list(node, FieldType(kind.component, kind.many - 1), path)
        if kind.open:
            return self._into_names(node, path)
        if kind.component is None:
            return self._into_plain(node, path)
        if kind.component.family is None:
            return self.into_section(node, kind.component, path)
        return self._into_family(node, kind.component, path)

    def into_section(
        self, node: Node | None, cls: type[Component], path: tuple[str, ...]
    ) -> Node | None:
        key, *rest = path
        mapping = section_fields(cls, node) if node is not None else None
        mapping = mapping or Mapping({}, self.origin)
        if key not in cls.model_fields:
            index = re.fullmatch(r"(\w+)\[(\d+)\]", key)
            known = f"write {index[1]}.{index[2]}" if index else advice(key, cls, mapping)
            return self._lost(f"unknown key '{key}'", known)
        kind = field_type(cls.model_fields[key].annotation)
        value = self.into(mapping.get(key), kind, tuple(rest))
        return None if value is None else mapping.having(key, value, self.origin)

    def _into_family(
        self, node: Node | None, family: type[Component], path: tuple[str, ...]
    ) -> Node | None:
        name, *rest = path
        cls = find(name, self.origin, family, self.problems)
        if cls is None:
            return None
        # An error in the present value is reported when the whole spec is read.
        present = None if node is None else named(node, family, Problems())
        fields = Mapping({}, self.origin)
        if present is not None and present.cls is cls:
            fields = present.fields
        value: Node | None = self.override.value
        if rest:
            value = self.into_section(fields, cls, tuple(rest))
        if value is None:
            return None
        return Mapping({name: Entry(self.origin, value)}, self.origin)

    def _into_list(self, node: Node | None, kind: FieldType, path: tuple[str, ...]) -> Node | None:
        index, *rest = path
        items = node.items if isinstance(node, Sequence) else ()
        if index not in map(str, range(len(items))):
            has = f"there are {len(items)}, counted from 0"
            if items and not index.lstrip("-").isdigit():
                above = ".".join(self.override.path[: -len(path)])
                has = f"write the number of the item, such as {above}.0.{'.'.join(path)}"
            return self._lost(f"no item '{index}' in the list", has)
        value = self.into(items[int(index)], kind, tuple(rest))
        if value is None:
            return None
        changed = (*items[: int(index)], value, *items[int(index) + 1 :])
        return Sequence(changed, node.origin if node else self.origin)

    def _into_names(self, node: Node | None, path: tuple[str, ...]) -> Node | None:
        """A mapping of plain values by names, such as those of columns, which may contain dots."""
        if node is None or (isinstance(node, Scalar) and node.value is None):
            node = Mapping({}, self.origin)
        if not isinstance(node, Mapping):
            return self._into_plain(node, path)
        return node.having(".".join(path), self.override.value, self.origin)

    def _into_plain(self, node: Node | None, path: tuple[str, ...]) -> Node | None:
        if isinstance(node, Sequence):
            return self._into_list(node, PLAIN, path)
        key, *rest = path
        if not isinstance(node, Mapping):
            above = ".".join(self.override.path[: -len(path)])
            reason = f"the spec has no '{above}'" if node is None else f"'{above}' is not a mapping"
            return self._lost(f"'{above}.{key}' does not exist", reason)
        if key not in node.entries:
            return self._lost(f"unknown key '{key}'", did_you_mean(key, node.entries))
        value = self.into(node.get(key), PLAIN, tuple(rest))
        return None if value is None else node.having(key, value, self.origin)

    def _lost(self, what: str, advice: str) -> Node | None:
        self.problems.add(self.origin, what, advice)
        return None
