"""From a tree to typed, frozen components, noting every fault on the way."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from dlrun.spec.component import Component
from dlrun.spec.field_types import FieldType, field_type
from dlrun.spec.nodes import Entry, Mapping, Node, Scalar, Sequence, plain, show
from dlrun.spec.notation import named
from dlrun.spec.origin import Origin
from dlrun.spec.phrases import phrase
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.spec.unknown import UNKNOWN

C = TypeVar("C", bound=Component)

_FAILED = object()
"""A field whose fault is noted; the component that holds it cannot be made."""


def build(cls: type[C], node: Node, problems: Problems, where: str = "the spec") -> C | None:
    """The component that a node describes; None where it cannot be made.

    Args:
        cls: a section, or a family's root, of which any member may stand here.
        node: what the spec says.
        problems: gets every fault, not only the first.
        where: what to call a section in messages, as ``data``.
    """
    found: Component | None
    if cls.family is None:
        found = _section(cls, node, problems, where)
    else:
        name = named(node, cls, problems)
        found = None
        if name is not None:
            found = _make(name.cls, name.fields.entries, name.origin, problems, name.cls.kind)
    assert found is None or isinstance(found, cls)
    return found


def build_field(cls: type[Component], name: str, node: Node | None, problems: Problems) -> Any:
    """The value of one field of a section, by itself; None where it is absent or faulty.

    Its type is checked as that of the whole section is; whatever reads it early can trust it.
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
        faults = error.errors()
        place = _at(node, faults[0]["loc"])
        problems.add(place.origin, *phrase(cls, name, faults, show(plain(place))))
        return None


@cache
def _adapter(cls: type[Component], name: str) -> TypeAdapter[Any]:
    """What checks one field of a section alone, with the section's strictness."""
    field = cls.model_fields[name]
    kind: Any = field.annotation
    if field.metadata:
        kind = Annotated[(kind, *field.metadata)]
    return TypeAdapter(kind, config=cls.model_config)


def _section(cls: type[Component], node: Node, problems: Problems, where: str) -> Component | None:
    if isinstance(node, Scalar) and node.value is UNKNOWN:
        return None
    if not isinstance(node, Mapping):
        keys = f"known keys: {', '.join(cls.model_fields)}"
        problems.add(node.origin, f"{where} must be a mapping of keys", keys)
        return None
    return _make(cls, node.entries, node.origin, problems, where)


def _make(
    cls: type[Component],
    entries: Any,
    origin: Origin,
    problems: Problems,
    where: str,
) -> Component | None:
    failed = set()
    values: dict[str, Any] = {}
    nodes: dict[str, Node] = {}
    for key, entry in entries.items():
        assert isinstance(entry, Entry)
        if key not in cls.model_fields:
            problems.add(
                entry.key, f"{where} has no key '{key}'", did_you_mean(key, cls.model_fields)
            )
            failed.add(key)
            continue
        nodes[key] = entry.value
        value = _field(field_type(cls.model_fields[key].annotation), entry.value, problems, key)
        if value is _FAILED:
            failed.add(key)
        else:
            values[key] = value
    for name, field in cls.model_fields.items():
        if field.is_required() and name not in nodes:
            problems.add(origin, f"{where} needs '{name}'", "add it")
            failed.add(name)
    instance = _validate(cls, values, nodes, failed, origin, problems)
    if instance is not None:
        instance._origin = origin
        instance._places = {
            path: place for name, node in nodes.items() for path, place in _places(name, node)
        }
    return instance


def _places(name: str, node: Node) -> Iterator[tuple[str, Origin]]:
    """The places of a field and of the values in it, by dotted path."""
    yield name, node.origin
    if isinstance(node, Mapping):
        for key, entry in node.entries.items():
            yield from _places(f"{name}.{key}", entry.value)
    elif isinstance(node, Sequence):
        for number, item in enumerate(node.items):
            if isinstance(item, Scalar):  # other items are components, which know their own
                yield f"{name}.{number}", item.origin


def _field(kind: FieldType, node: Node, problems: Problems, key: str) -> Any:
    if isinstance(node, Scalar) and node.value is UNKNOWN:
        return _FAILED
    if kind.component is None:
        value = plain(node)
        for place, what, advice in _unusable(node):
            problems.add(place, what, advice)
            value = UNKNOWN
        return _FAILED if _holds_unknown(value) else value
    if kind.optional and isinstance(node, Scalar) and node.value is None:
        return None
    if not kind.many:
        found = build(kind.component, node, problems, key)
        return _FAILED if found is None else found
    if not isinstance(node, Sequence):
        problems.add(node.origin, f"'{key}' must be a list", "begin each item with '- '")
        return _FAILED
    inner = FieldType(kind.component, kind.many - 1)
    items = [_field(inner, item, problems, f"an item of {key}") for item in node.items]
    return _FAILED if any(item is _FAILED for item in items) else tuple(items)


def _unusable(node: Node) -> Iterator[tuple[Origin, str, str]]:
    """What no field can take of a plain value: place, fault and advice."""
    if isinstance(node, Scalar):
        value = node.value
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            what = f"whole numbers end at 2^63 - 1, got {show(value)}"
            yield node.origin, what, "write a smaller one, or quote it if it is text"
        elif isinstance(value, str) and "\0" in value:
            yield node.origin, f"a text with a NUL character, {show(value)}", "remove it"
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _unusable(item)
    else:
        for entry in node.entries.values():
            yield from _unusable(entry.value)


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
    """Let pydantic look at the values; faults of fields that failed before are old news."""
    try:
        instance = cls.model_validate(values)
    except ValidationError as error:
        by_field: dict[str | None, list[Any]] = {}
        for fault in error.errors():
            name = str(fault["loc"][0]) if fault["loc"] else None
            if name not in failed and (name is None or name in nodes):
                by_field.setdefault(name, []).append(fault)
        for name, faults in by_field.items():
            place: Origin = origin
            shown = None
            if name is not None:
                node = _at(nodes[name], faults[0]["loc"][1:])
                place, shown = node.origin, show(plain(node))
            problems.add(place, *phrase(cls, name, faults, shown))
        return None
    return None if failed else instance


def _at(node: Node, path: tuple[int | str, ...]) -> Node:
    """The node that pydantic means; its path also names the branches of a union."""
    for step in path:
        if isinstance(node, Sequence) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        elif isinstance(node, Mapping) and (inner := node.get(str(step))) is not None:
            node = inner
    return node
