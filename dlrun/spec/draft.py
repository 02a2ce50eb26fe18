"""A section of which only some fields can be built, so that checks of the others can run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from dlrun.spec.build import build, build_field, places
from dlrun.spec.component import Component
from dlrun.spec.field_types import FieldType, field_type
from dlrun.spec.nodes import Mapping, Node, Scalar, Sequence
from dlrun.spec.other_keys import meant
from dlrun.spec.problems import Problems

C = TypeVar("C", bound=Component)


@dataclass(frozen=True, slots=True)
class Draft(Generic[C]):
    """A section as far as it can be built.

    Attributes:
        part: the section.  A field with errors has its default, or is absent if it has none; a list
            has only the items without errors.
        failed: the dotted paths of all fields with errors.
    """

    part: C
    failed: frozenset[str] = frozenset()

    def has(self, *paths: str) -> bool:
        """Whether fields were built without errors, and all that they contain.

        Args:
            paths: dotted, such as ``data.split``.
        """
        return not any(
            f"{path}.".startswith(f"{each}.") or f"{each}.".startswith(f"{path}.")
            for path in paths
            for each in self.failed
        )


def draft(cls: type[C], node: Node) -> Draft[C]:
    """The fields of a section that can be built; their errors are not noted.

    Args:
        cls: the section.
        node: a part of the spec that cannot be built as a whole.
    """
    values: dict[str, Any] = {}
    failed: set[str] = set()
    entries = node.entries if isinstance(node, Mapping) else {}
    for name, field in cls.model_fields.items():
        if not field.is_required():
            values[name] = field.get_default(call_default_factory=True)
        if name not in entries:
            failed |= {name} if field.is_required() else set()
            continue
        inner = entries[name].value
        errors = set(_build(cls, name, inner, values))
        failed |= {f"{name}.{each}" if each else name for each in errors}
    failed |= _invalid(cls, {key: value for key, value in values.items() if key in entries})
    failed |= {meant(key, cls) or key for key in entries if key not in cls.model_fields}
    part = cls.model_construct(**values)
    assert isinstance(part, cls)
    part._origin = node.origin
    part._places = {
        path: place
        for name, entry in entries.items()
        if name in cls.model_fields
        for path, place in places(name, entry.value)
    }
    return Draft(part, frozenset(failed))


def _invalid(cls: type[Component], values: dict[str, Any]) -> set[str]:
    """The fields whose values do not fit, such as an empty list of layers."""
    try:
        cls.model_validate(values)
    except ValidationError as error:
        places = [detail["loc"][0] for detail in error.errors() if detail["loc"]]
        return {str(place) for place in places if place in values}
    return set()


def _build(cls: type[Component], name: str, node: Node, values: dict[str, Any]) -> Iterator[str]:
    """Build a field into ``values``; yield the paths within it of all errors, "" for its own."""
    kind = field_type(cls.model_fields[name].annotation)
    problems = Problems()
    value = build_field(cls, name, node, problems)
    is_null = isinstance(node, Scalar) and node.value is None
    if not problems and (value is not None or is_null):
        values[name] = value
    elif kind.component is not None and kind.many == 1 and isinstance(node, Sequence):
        values[name] = tuple(_items(kind, node))
        yield ""
    elif kind.component is not None and kind.component.family is None and not kind.many:
        inner = draft(kind.component, node)
        values[name] = inner.part
        yield from inner.failed or {""}
    else:
        yield ""


def _items(kind: FieldType, node: Sequence) -> Iterator[Component]:
    """The items of a list that can be built."""
    assert kind.component is not None
    for item in node.items:
        made = build(kind.component, item, Problems())
        if made is not None:
            yield made
