"""From a tree to typed, frozen components, collecting every error on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from dlrun.spec import other_names
from dlrun.spec.component import Component
from dlrun.spec.field_types import FieldType, field_type
from dlrun.spec.flow import show
from dlrun.spec.nodes import Entry, Mapping, Node, Scalar, Sequence, plain
from dlrun.spec.notation import named, section_fields
from dlrun.spec.origin import InOverride, Origin
from dlrun.spec.other_keys import advice, meant
from dlrun.spec.phrases import BRACKETS, phrase
from dlrun.spec.problems import Problems
from dlrun.spec.unknown import UNKNOWN
from dlrun.spec.unusable import unusable

C = TypeVar("C", bound=Component)

_FAILED = object()
"""A field whose error is noted; the component that contains it cannot be made."""


def build(
    cls: type[C],
    node: Node,
    problems: Problems,
    where: str = "the spec",
    *,
    in_list: bool = False,
) -> C | None:
    """The component that a node describes; None if it cannot be made.

    Args:
        cls: a section, or a family's root, any member of which is allowed.
        node: part of the spec.
        problems: gets every error, not only the first.
        where: the name of a section in messages, such as ``data``.
        in_list: whether the node is an item of a list.
    """
    component: Component | None
    if cls.family is None:
        component = _section(cls, node, problems, where)
    else:
        name = named(node, cls, problems, in_list=in_list)
        component = None
        if name is not None:
            component = _make(name.cls, name.fields.entries, name.origin, problems, name.cls.kind)
    assert component is None or isinstance(component, cls)
    return component


def build_field(cls: type[Component], name: str, node: Node | None, problems: Problems) -> Any:
    """The value of one field of a section alone; None if it is absent or has errors.

    Its type is checked as in the whole section, so code that reads it early can rely on it.
    """
    if node is None:
        return None
    field = cls.model_fields[name]
    kind = field_type(field.annotation)
    value = _field(kind, node, problems, name)
    if value is _FAILED:
        return None
    if kind.component is not None:
        return value
    try:
        return _adapter(cls, name).validate_python(value)
    except ValidationError as error:
        details = error.errors()
        place = _at(node, details[0]["loc"])
        problems.add(place.origin, *phrase(cls, name, details, show(plain(place))))
        return None


@cache
def _adapter(cls: type[Component], name: str) -> TypeAdapter[Any]:
    """Validates one field of a section alone, as strictly as in the section."""
    field = cls.model_fields[name]
    kind: Any = field.annotation
    if field.metadata:
        kind = Annotated[(kind, *field.metadata)]
    return TypeAdapter(kind, config=cls.model_config)


def _section(cls: type[Component], node: Node, problems: Problems, where: str) -> Component | None:
    if isinstance(node, Scalar) and node.value is UNKNOWN:
        return None
    fields = section_fields(cls, node)
    if fields is None:
        advice = cls.instead_of(plain(node)) or f"known keys: {', '.join(cls.model_fields)}"
        problems.add(node.origin, f"{where} must be a mapping of keys", advice)
        return None
    return _make(cls, fields.entries, node.origin, problems, where)


def _make(
    cls: type[Component],
    entries: Any,
    origin: Origin,
    problems: Problems,
    where: str,
) -> Component | None:
    failed = set[str]()
    values: dict[str, Any] = {}
    nodes: dict[str, Node] = {}
    present = Mapping(entries, origin)
    for key, entry in entries.items():
        assert isinstance(entry, Entry)
        if key not in cls.model_fields:
            problems.add(entry.key, f"{where} has no key '{key}'", advice(key, cls, present))
            failed.add(key)
            if (other := meant(key, cls)) is not None and other not in entries:
                failed.add(other)
            continue
        nodes[key] = entry.value
        value = _field(field_type(cls.model_fields[key].annotation), entry.value, problems, key)
        if value is _FAILED:
            failed.add(key)
        else:
            values[key] = value
    for name, field in cls.model_fields.items():
        if field.is_required() and name not in {*nodes, *failed}:
            problems.add(origin, f"{where} needs '{name}'", "add it")
            failed.add(name)
    instance = _validate(cls, values, nodes, failed, origin, problems)
    if instance is not None:
        instance._origin = origin
        instance._places = {
            path: place for name, node in nodes.items() for path, place in places(name, node)
        }
    return instance


def places(name: str, node: Node) -> Iterator[tuple[str, Origin]]:
    """The origins of a field and of the values in it, by dotted path."""
    yield name, node.origin
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield from places(f"{name}.{key}", entry.value)
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            if isinstance(item, Scalar):  # other items are components, with origins of their own
                yield f"{name}.{number}", item.origin


def _field(
    kind: FieldType, node: Node, problems: Problems, key: str, *, in_list: bool = False
) -> Any:
    if isinstance(node, Scalar) and node.value is UNKNOWN:
        return _FAILED
    if kind.component is None:
        value = plain(node)
        for place, what, advice in unusable(node, key):
            problems.add(place, what, advice)
            value = UNKNOWN
        return _FAILED if _holds_unknown(value) else value
    if kind.optional and isinstance(node, Scalar) and node.value is None:
        return None
    if not kind.many:
        component = build(kind.component, node, problems, key, in_list=in_list)
        return _FAILED if component is None else component
    if not isinstance(node, Sequence):
        problems.add(node.origin, f"'{key}' must be a list", _as_list(node, kind.component))
        return _FAILED
    inner = FieldType(kind.component, kind.many - 1)
    what = f"an item of {key}"
    items = [_field(inner, item, problems, what, in_list=True) for item in node.items]
    return _FAILED if any(item is _FAILED for item in items) else tuple(items)


def _as_list(node: Node, items: type[Component]) -> str:
    """How to write a value that is not a list as one of such items."""
    in_line = isinstance(node.origin, InOverride)
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if items.family is not None and node.value not in items.family:
            return other_names.advice(node.value, items)
        return f"write [{node.value}]" + ("" if in_line else ", or begin each item with '- '")
    return BRACKETS if in_line else "begin each item with '- '"


def _holds_unknown(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(_holds_unknown(item) for item in value)
    if isinstance(value, dict):
        return any(_holds_unknown(item) for item in value.values())
    return value is UNKNOWN


def _validate(
    cls: type[Component],
    values: dict[str, Any],
    nodes: dict[str, Node],
    failed: set[str],
    origin: Origin,
    problems: Problems,
) -> Component | None:
    """Let pydantic check the values; errors of fields that failed before are not reported again."""
    try:
        instance = cls.model_validate(values)
    except ValidationError as error:
        by_field: dict[str | None, list[Any]] = {}
        for detail in error.errors():
            name = str(detail["loc"][0]) if detail["loc"] else None
            if name is None and not failed <= nodes.keys():
                continue  # an unknown key may be what it needs
            if name is None and failed & set(re.findall(r"\w+", detail["msg"])):
                continue
            if name not in failed and (name is None or name in nodes):
                by_field.setdefault(name, []).append(detail)
        for name, details in by_field.items():
            place: Origin = origin
            shown = None
            if name is not None:
                node = _at(nodes[name], details[0]["loc"][1:])
                place, shown = node.origin, show(plain(node))
            problems.add(place, *phrase(cls, name, details, shown))
        return None
    return None if failed else instance


def _at(node: Node, path: tuple[int | str, ...]) -> Node:
    """The node at pydantic's path, which also names the branches of a union."""
    for step in path:
        if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        elif isinstance(node, Mapping) and (inner := node.get(str(step))) is not None:
            node = inner
    return node
