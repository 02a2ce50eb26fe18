"""Small components of a class, made from the types of its fields."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError

from dlrun.spec.component import Component

C = TypeVar("C", bound=Component)

Parts = Mapping[type[Component], Component]
"""The component to use for a field that contains one, by the root of the family."""


def examples(cls: type[C], parts: Parts) -> list[C]:
    """A component with only the required fields of its class, and others that differ in one field.

    After them come the examples that the class declares itself, for combinations of fields.

    Args:
        cls: a class that a spec can name.
        parts: members for fields that contain components; a field without one is left out.
    """
    found: list[C] = []
    for each in (*_made(cls, parts), *(cls(**fields) for fields in cls.examples)):
        if each not in found:
            found.append(each)
    return found


def _made(cls: type[C], parts: Parts) -> Iterator[C]:
    fields = cls.model_fields
    choices = {name: _values(field.annotation, parts) for name, field in fields.items()}
    needed = [name for name, field in fields.items() if field.is_required()]
    least = (
        dict(zip(needed, values, strict=True))
        for values in product(*(choices[name] for name in needed))
    )
    start = next((each for each in least if _valid(cls, each) is not None), None)
    if start is None:
        return
    for change in ({}, *({name: value} for name in fields for value in choices[name])):
        component = _valid(cls, start | change)
        if component is not None:
            yield component


def _valid(cls: type[C], fields: Mapping[str, Any]) -> C | None:
    try:
        return cls(**fields)
    except ValidationError:
        return None


def _values(annotation: Any, parts: Parts) -> Sequence[Any]:
    """A few values of a type; the constraints of a field may exclude some."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _values(arguments[0], parts)
    if origin is Literal:
        return arguments
    if origin in (Union, types.UnionType):
        return [value for each in arguments for value in _values(each, parts)]
    if origin is tuple:
        inner = [_values(each, parts) for each in arguments if each is not Ellipsis]
        if not all(inner):
            return []
        least = tuple(each[0] for each in inner)
        return [least, 2 * least] if Ellipsis in arguments else [least]
    if annotation in _PLAIN:
        return _PLAIN[annotation]
    return [part for root, part in parts.items() if annotation is root]


_PLAIN: Mapping[Any, Sequence[Any]] = {
    bool: (False, True),
    int: (2, 1),
    float: (0.5,),
    type(None): (None,),
}
