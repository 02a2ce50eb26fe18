"""Whether a key may have a value, by the types of components alone, without a spec."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlrun.spec.build import build_field
from dlrun.spec.component import Component
from dlrun.spec.field_types import FieldType, field_type
from dlrun.spec.nodes import Scalar
from dlrun.spec.origin import Default
from dlrun.spec.problems import Problems


def allowed(cls: type[Component], path: Sequence[str], value: Any) -> bool | None:
    """Whether a key may have a plain value; None if the types do not say, as of ``params``.

    Args:
        cls: the component in which the path begins.
        path: of the key, as in an override: ``("optimizer", "adam", "beta1")``.
        value: a number, text, bool or None.
    """
    name, *rest = path
    if name not in cls.model_fields:
        return None
    kind = field_type(cls.model_fields[name].annotation)
    while kind.many and rest:  # the number of an item
        kind = FieldType(kind.component, kind.many - 1)
        rest = rest[1:]
    if kind.component is None:
        return None if rest else _fits(cls, name, value)
    if kind.many or not rest:
        return None
    if kind.component.family is None:
        return allowed(kind.component, rest, value)
    member, *inner = rest
    if member not in kind.component.family:
        return None
    found: type[Component] = kind.component.family[member]
    main = found.main_field()
    if not inner and main is None:
        return None
    return allowed(found, inner or [str(main)], value)


def _fits(cls: type[Component], name: str, value: Any) -> bool:
    """Whether a field of a component accepts a value."""
    problems = Problems()
    build_field(cls, name, Scalar(value, Default()), problems)
    return not problems
