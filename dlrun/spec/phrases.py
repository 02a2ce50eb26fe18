"""Types and faults of fields in plain words."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from dlrun.spec.component import Component
from dlrun.spec.nodes import show
from dlrun.spec.problems import did_you_mean

_BOUNDS = {"gt": "> {}", "ge": ">= {}", "lt": "< {}", "le": "<= {}"}

_FAULTS = {
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping of keys",
    "finite_number": "must be a finite number",
    "float_type": "must be a number",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "must be a whole number",
    "int_type": "must be a whole number",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must have at most {max_length} characters",
    "string_too_short": "must have at least {min_length} characters",
    "string_type": "must be text",
    "too_long": "must have at most {max_length} items",
    "too_short": "must have at least {min_length} items",
    "tuple_type": "must be a list",
}


def phrase(
    cls: type[Component], name: str | None, faults: Sequence[Any], shown: str | None
) -> tuple[str, str]:
    """What is wrong and what to do, from what pydantic found.

    Args:
        cls: the component.
        name: its field; None where the fields do not fit one another.
        faults: pydantic's errors of that field.
        shown: the value as the spec has it.
    """
    fault = faults[0]
    context = fault.get("ctx", {})
    if name is None:
        return str(context.get("error", fault["msg"])), ""
    got = "" if shown is None else f", got {shown}"
    if len(faults) > 1 and _is_union(cls.model_fields[name].annotation):
        return f"'{name}' must be {field_text(cls, name)}{got}", ""
    kind = fault["type"]
    if kind == "literal_error":
        choices = _choices(cls.model_fields[name].annotation)
        advice = did_you_mean(str(fault["input"]), choices) if choices else ""
        return f"'{name}' must be {field_text(cls, name)}{got}", advice
    if kind == "value_error":
        return f"'{name}' {context['error']}{got}", ""
    if kind == "string_pattern_mismatch":
        wants = "begin with a letter or digit and hold only letters, digits, '.', '_' and '-'"
        return f"'{name}' must {wants}{got}", ""
    text = _FAULTS.get(kind)
    if text is None:
        return f"'{name}': {fault['msg'][0].lower()}{fault['msg'][1:]}{got}", ""
    return f"'{name}' {text.format(**context)}{got}", ""


def field_text(cls: type[Component], name: str) -> str:
    """The type of a field, as ``whole number > 0``."""
    field = cls.model_fields[name]
    return type_text(field.annotation, field.metadata)


def type_text(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """A type in plain words, with the bounds that its metadata sets."""
    bounds = [
        pattern.format(show(getattr(each, key)))
        for each in _flat(metadata)
        for key, pattern in _BOUNDS.items()
        if getattr(each, key, None) is not None
    ]
    return " ".join([_base_text(annotation), " and ".join(bounds)]).strip()


def _base_text(annotation: Any) -> str:
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_text(args[0], args[1:])
    if origin is Literal:
        return f"one of {', '.join(map(str, args))}"
    if origin in (Union, types.UnionType):
        texts = [type_text(each) for each in args if each is not type(None)]
        return " or ".join([*texts, *(["null"] if type(None) in args else [])])
    if origin is tuple:
        if args[1:] == (Ellipsis,):
            return f"list of {type_text(args[0])}"
        return f"list of {len(args)}: {', '.join(type_text(each) for each in args)}"
    if origin in (dict, Sequence):
        return "mapping"
    if isinstance(annotation, type) and issubclass(annotation, Component):
        return annotation.family.family if annotation.family else "section"
    names = {int: "whole number", float: "number", str: "text", bool: "true or false"}
    return names.get(annotation, "any value")


def _flat(metadata: Sequence[Any]) -> list[Any]:
    """Constraints, also those that a pydantic Field brings along."""
    return [inner for each in metadata for inner in (each, *getattr(each, "metadata", ()))]


def _is_union(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return _is_union(get_args(annotation)[0])
    inner = [each for each in get_args(annotation) if each is not type(None)]
    return get_origin(annotation) in (Union, types.UnionType) and len(inner) > 1


def _choices(annotation: Any) -> list[str]:
    if get_origin(annotation) is Literal:
        return [str(each) for each in get_args(annotation)]
    return [choice for inner in get_args(annotation) for choice in _choices(inner)]
