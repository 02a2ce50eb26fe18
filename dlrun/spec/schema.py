"""JSON Schema of a spec, for completion and checks in editors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import TypeAdapter

from dlrun.spec import help as words
from dlrun.spec.component import Component
from dlrun.spec.field_types import FieldType, field_type

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_REFERENCE = {"type": "string", "pattern": r"\$\{"}
"""``${...}`` is allowed instead of any value."""


def json_schema(
    cls: type[Component], title: str = "dlrun experiment", further: Sequence[type[Component]] = ()
) -> dict[str, Any]:
    """The schema of a top section, with every component that is allowed in it.

    Args:
        cls: the section.
        title: of the schema.
        further: roots of families that are defined as well.
    """
    definitions: dict[str, Any] = {}
    body = _section(cls, definitions)
    for root in further:
        _family(root, definitions)
    return {"$schema": _DIALECT, "title": title, **body, "$defs": definitions}


def _section(cls: type[Component], definitions: dict[str, Any]) -> dict[str, Any]:
    meanings = {each.name: each.text for each in words.fields(cls)}
    return {
        "type": "object",
        "description": words.text(cls),
        "additionalProperties": False,
        "properties": {
            name: {**_field(cls, name, definitions), "description": meanings[name]}
            for name in cls.model_fields
        },
        "required": [name for name, field in cls.model_fields.items() if field.is_required()],
    }


def _field(cls: type[Component], name: str, definitions: dict[str, Any]) -> dict[str, Any]:
    field = cls.model_fields[name]
    kind = field_type(field.annotation)
    if kind.component is None:
        annotation: Any = field.annotation
        for constraint in field.metadata:
            annotation = Annotated[annotation, constraint]
        return _or_reference(TypeAdapter(annotation).json_schema())
    return _of_components(kind, definitions)


def _or_reference(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a value, or of one with references in it or instead of it."""
    return {"anyOf": [*map(_with_references, schema.get("anyOf", [schema])), _REFERENCE]}


def _with_references(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a value with references instead of its items."""
    inside = dict(schema)
    for key in ("items", "additionalProperties"):
        if isinstance(inside.get(key), dict):
            inside[key] = _or_reference(inside[key])
    if "prefixItems" in inside:
        inside["prefixItems"] = [_or_reference(each) for each in inside["prefixItems"]]
    return inside


def _of_components(kind: FieldType, definitions: dict[str, Any]) -> dict[str, Any]:
    assert kind.component is not None
    if kind.component.family is None:
        schema = _referable(_section(kind.component, definitions))
        if kind.component.short:
            main = schema["properties"][kind.component.main_field()]
            schema = {"anyOf": [schema, {"type": "string", **main}]}
    else:
        schema = {"$ref": f"#/$defs/{_family(kind.component, definitions)}"}
    for _ in range(kind.many):
        schema = _referable({"type": "array", "items": schema})
    return {"anyOf": [schema, {"type": "null"}]} if kind.optional else schema


def _referable(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a section or a list, or of a reference instead of it."""
    return {**schema, **_REFERENCE, "type": [schema["type"], _REFERENCE["type"]]}


def _family(root: type[Component], definitions: dict[str, Any]) -> str:
    """Add a family to the definitions, once; returns its name there."""
    assert root.family is not None
    name: str = root.family.family
    if name not in definitions:
        definitions[name] = {}  # layers contain layers, so the name must exist first
        ways: list[dict[str, Any]] = [_REFERENCE]
        for kind in root.family:
            cls = root.family[kind]
            section = _section(cls, definitions)
            for each in (kind, *root.family.aliases(kind)):
                ways.append({"const": each, "description": words.summary(cls)})
                main = cls.main_field()
                value = {"anyOf": [section, section["properties"][main]]} if main else {}
                if main and not section["required"]:
                    value["anyOf"].append({"type": "null"})  # ``- dropout:``
                others = {key: of for key, of in section["properties"].items() if key != main}
                ways.append(
                    {
                        "type": "object",
                        "description": words.summary(cls),
                        "properties": {**others, each: value},  # ``text`` has a field ``text``
                        "required": [each],
                        "additionalProperties": False,
                    }
                )
        definitions[name] = {"anyOf": ways}
    return name
