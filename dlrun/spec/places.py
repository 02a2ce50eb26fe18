"""The keys that a spec may have, with the values that they may have, by the types of components."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from dlrun.spec.component import Component
from dlrun.spec.field_types import PLAIN, FieldType, field_type
from dlrun.spec.flow import show
from dlrun.spec.nodes import Mapping, Node, Scalar, Sequence
from dlrun.spec.notation import named
from dlrun.spec.problems import Problems


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a spec.

    Attributes:
        kind: what its value may contain; the component is a root if the value names a member.
        node: its value in the spec, if it has one.
        values: other values that it may have, without components.
        is_member: whether ``kind.component`` is itself the member of a family.
    """

    kind: FieldType
    node: Node | None
    values: tuple[str, ...] = ()
    is_member: bool = False

    @property
    def family(self) -> type[Component] | None:
        """The root of the family that the value names a member of."""
        component = self.kind.component
        is_root = component is not None and component.family is not None
        return component if is_root and not self.kind.many and not self.is_member else None


def inner_places(place: Place) -> dict[str, Place]:
    """The places in a place, by key.

    Args:
        place: where.
    """
    kind, node = place.kind, place.node
    if isinstance(node, Sequence) and (kind.many or kind.component is None):
        items = FieldType(kind.component, max(0, kind.many - 1))
        return {str(index): Place(items, item) for index, item in enumerate(node.items)}
    if kind.many:
        return {}
    if kind.component is None:
        entries = node.entries if isinstance(node, Mapping) else {}
        return {key: Place(PLAIN, entries[key].value) for key in entries if "." not in key}
    family = place.family
    if family is None:
        return _fields(kind.component, node if isinstance(node, Mapping) else None)
    assert family.family is not None
    present = None if node is None else named(node, family, Problems())
    found = {}
    for name in family.family:
        cls = family.family[name]
        fields = present.fields if present is not None and present.cls is cls else None
        found[name] = Place(FieldType(cls), fields, is_member=True)
    return {name: each for name, each in found.items() if inner_places(each)}


def _fields(cls: type[Component], node: Mapping | None) -> dict[str, Place]:
    found = {}
    for key, field in cls.model_fields.items():
        inner = None if node is None else node.get(key)
        values = list(_choices(field.annotation))
        default = None if field.is_required() else field.get_default(call_default_factory=True)
        if isinstance(default, bool | int | float | str):
            values.append(show(default))
        kind = field_type(field.annotation)
        found[key] = Place(kind, inner, tuple(values))
    return found


def values_of(place: Place) -> list[str]:
    """Values that can be written after ``=``, without those that only the user knows.

    Args:
        place: the key.
    """
    values = list(place.values)
    if isinstance(place.node, Scalar) and place.family is None:
        values.insert(0, show(place.node.value))
    if place.family is not None:
        assert place.family.family is not None
        values += place.family.family
    return list(dict.fromkeys(values))


def _choices(annotation: Any) -> list[str]:
    """The values that a type lists."""
    arguments = get_args(annotation)
    if annotation is bool:
        return ["true", "false"]
    if annotation is type(None):
        return ["null"]
    if get_origin(annotation) is Literal:
        return [show(value) for value in arguments]
    if get_origin(annotation) is Annotated:
        return _choices(arguments[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return [choice for each in arguments for choice in _choices(each)]
    return []
