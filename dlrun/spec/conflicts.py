"""Whether the value of an override is still in the tree after other overrides were set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dlrun.spec.component import Component
from dlrun.spec.field_types import PLAIN, FieldType, field_type
from dlrun.spec.nodes import Entry, Mapping, Node, Sequence, plain
from dlrun.spec.notation import find, named, section_fields
from dlrun.spec.problems import Problems

_NAME = re.compile(r"\$?\$\{\s*([^{}.\s]*)[^{}]*\}")
"""The name of a param or fact in a text; with a second $, a plain ``${``."""


def says(root: Mapping, cls: type[Component], path: tuple[str, ...], value: Node) -> bool:
    """Whether a value is in force at a path: everything that it sets is set so in the tree.

    The tree may set more: ``optimizer.adam.lr`` completes ``optimizer: adam``, but contradicts
    ``optimizer: sgd``.

    Args:
        root: the tree.
        cls: the component that it describes.
        path: of the value, as written in an override.
        value: the value that was set there.
    """
    return _section_says(root, cls, path, value)


def params_read(root: Mapping) -> frozenset[str]:
    """The names in ``${...}`` that a spec uses, directly or through a param that it uses."""
    params = root.get("params")
    inner = params.entries if isinstance(params, Mapping) else {}
    found: set[str] = set()
    new = {name for key, each in root.entries.items() if key != "params" for name in _names(each)}
    while new:
        found |= new
        new = {name for key in new & inner.keys() for name in _names(inner[key])} - found
    return frozenset(found)


def _names(entry: Entry) -> Iterator[str]:
    stack: list[Node] = [entry.value]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            stack += [each.value for each in node.entries.values()]
        elif isinstance(node, Sequence):
            stack += node.items
        elif isinstance(node.value, str) and "${" in node.value:
            for match in _NAME.finditer(node.value):
                if not match[0].startswith("$$"):
                    yield match[1]


def _section_says(node: Mapping, cls: type[Component], path: tuple[str, ...], value: Node) -> bool:
    field = cls.model_fields.get(path[0])
    if field is None:
        return False
    return _says(node.get(path[0]), field_type(field.annotation), path[1:], value)


def _says(node: Node | None, kind: FieldType, path: tuple[str, ...], value: Node) -> bool:
    if node is None:
        return False
    if not path:
        return node is value or _covers(node, kind, value)
    if isinstance(node, Sequence):
        if path[0] not in map(str, range(len(node.items))):
            return False
        inner = FieldType(kind.component, max(0, kind.many - 1))
        return _says(node.items[int(path[0])], inner, path[1:], value)
    if kind.many:
        return False
    if kind.open:
        return isinstance(node, Mapping) and _says(node.get(".".join(path)), PLAIN, (), value)
    if kind.component is None:
        return isinstance(node, Mapping) and _says(node.get(path[0]), PLAIN, path[1:], value)
    if kind.component.family is None:
        fields = section_fields(kind.component, node)
        return fields is not None and _section_says(fields, kind.component, path, value)
    if len(path) == 1:
        return _covers(node, kind, Mapping({path[0]: Entry(value.origin, value)}, value.origin))
    there = named(node, kind.component, Problems())
    if there is None or there.cls is not find(path[0], node.origin, kind.component, Problems()):
        return False
    return _section_says(there.fields, there.cls, path[1:], value)


def _covers(node: Node, kind: FieldType, value: Node) -> bool:
    """Whether a subtree sets everything that a value sets."""
    if isinstance(node, Sequence) and isinstance(value, Sequence):
        inner = FieldType(kind.component, max(0, kind.many - 1))
        pairs = zip(node.items, value.items, strict=False)
        return len(node.items) == len(value.items) and all(_covers(a, inner, b) for a, b in pairs)
    if kind.component is None and isinstance(node, Mapping) and isinstance(value, Mapping):
        return all(
            (there := node.get(key)) is not None and _covers(there, PLAIN, entry.value)
            for key, entry in value.entries.items()
        )
    if not kind.many and kind.component is not None:
        if kind.component.family is None:
            first, second = (section_fields(kind.component, each) for each in (node, value))
            if first is not None and second is not None:
                return _fields_cover(kind.component, first, second)
        else:
            one, other = (named(each, kind.component, Problems()) for each in (node, value))
            if one is not None and other is not None:
                return one.cls is other.cls and _fields_cover(one.cls, one.fields, other.fields)
    return repr(plain(node)) == repr(plain(value))  # true is not 1, and NaN is NaN


def _fields_cover(cls: type[Component], node: Mapping, value: Mapping) -> bool:
    for key, entry in value.entries.items():
        there, field = node.get(key), cls.model_fields.get(key)
        kind = PLAIN if field is None else field_type(field.annotation)
        if there is None or not _covers(there, kind, entry.value):
            return False
    return True
