"""Whether a field of a component contains another component, several, or a plain value."""

from __future__ import annotations

import types
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from dlrun.spec.component import Component


@dataclass(frozen=True, slots=True)
class FieldType:
    """The shape of a field's annotation.

    Attributes:
        component: the family's root or the section in the field; None for a plain value.
        many: 1 for a list of them, 2 for a list of lists, and so on.
        optional: whether null is allowed.
        open: whether it is a mapping of plain values whose keys are names that the user chooses.
    """

    component: type[Component] | None = None
    many: int = 0
    optional: bool = False
    open: bool = False


PLAIN = FieldType()


def field_type(annotation: Any) -> FieldType:
    """Look through ``X | None``, ``tuple[X, ...]`` and ``Annotated``."""
    if get_origin(annotation) is Annotated:
        return field_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [each for each in get_args(annotation) if each is not type(None)]
        if len(rest) == 1:
            inner = field_type(rest[0])
            return FieldType(inner.component, inner.many, optional=True, open=inner.open)
        return PLAIN
    if get_origin(annotation) is dict:
        return FieldType(open=get_args(annotation)[1] is not Any)
    if get_origin(annotation) is tuple:
        first, *dots = get_args(annotation)
        inner = field_type(first)
        if dots == [Ellipsis] and inner.component is not None:
            return FieldType(inner.component, inner.many + 1)
        return PLAIN
    if isinstance(annotation, type) and issubclass(annotation, Component):
        return FieldType(annotation)
    return PLAIN
