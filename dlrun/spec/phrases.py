"""Types and errors of fields in plain words."""

from __future__ import annotations

import types
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.spec.flow import show
from dlrun.spec.problems import did_you_mean, near

BRACKETS = "put it in brackets: [...]"
"""What to do about a value that must be a list."""
_BOUNDS = {"gt": "> {}", "ge": ">= {}", "lt": "< {}", "le": "<= {}"}

_ERRORS = {
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
    cls: type[Component], name: str | None, details: Sequence[Any], shown: str | None
) -> tuple[str, str]:
    """What is wrong and what to do, from pydantic's errors.

    Args:
        cls: the component.
        name: its field; None if the fields contradict each other.
        details: pydantic's errors of that field.
        shown: the value in the spec.
    """
    first = details[0]
    context = first.get("ctx", {})
    if name is None:
        return str(context.get("error", first["msg"])), ""
    got = "" if shown is None else f", got {shown}"
    if len(details) > 1 and _is_union(cls.model_fields[name].annotation):
        refused = [each for each in details if each["type"] == "value_error"]
        if len(refused) == 1 and isinstance(refused[0]["input"], float):  # right type, wrong value
            return f"'{name}' {refused[0]['ctx']['error']}{got}", ""
        return f"'{name}' must be {field_text(cls, name)}{got}", ""
    kind = first["type"]
    if first["loc"][-1:] == ("[key]",):
        known = _choices(cls.model_fields[name].annotation)
        what = f"'{name}' has no key {show(first['input'])}"
        return what, did_you_mean(str(first["input"]), known) if known else ""
    if kind == "literal_error" and field_type(cls.model_fields[name].annotation).open:
        known = _choices(cls.model_fields[name].annotation)
        what = f"'{name}.{first['loc'][-1]}' must be one of {', '.join(known)}"
        meant = near(str(first["input"]), known)
        return f"{what}{got}", "" if meant is None else f"did you mean '{meant}'?"
    if kind == "literal_error":
        choices = _choices(cls.model_fields[name].annotation)
        advice = did_you_mean(str(first["input"]), choices) if choices else ""
        return f"'{name}' must be {field_text(cls, name)}{got}", advice
    if kind == "missing":
        return f"'{name}' must be {field_text(cls, name)}{got}", ""
    if kind == "value_error":
        return f"'{name}' {context['error']}{got}", ""
    if kind == "string_pattern_mismatch":
        rule = "begin with a letter or digit and hold only letters, digits, '.', '_' and '-'"
        return f"'{name}' must {rule}{got}", ""
    text = _ERRORS.get(kind)
    if text is None:
        return f"'{name}': {first['msg'][0].lower()}{first['msg'][1:]}{got}", ""
    advice = _rewritten(kind, first["input"]) or cls.instead_of(first["input"], name)
    return f"'{name}' {text.format(**context)}{got}", advice


def _rewritten(kind: str, value: Any) -> str:
    """How to write a value of the wrong type, if it is clear what it should be."""
    if kind in ("int_type", "float_type") and isinstance(value, str):
        if value.startswith("$"):
            return f"write ${{{value.strip('${}')}}}"
        try:
            float(value.replace(",", ".", 1))
        except ValueError:
            return ""
        return f"write {value.replace(',', '.')}" if "," in value else "remove the quotes"
    if kind in ("int_type", "int_from_float") and isinstance(value, float) and value.is_integer():
        return f"write {value:.0f}"
    if kind == "string_type" and isinstance(value, int | float):
        return "put it in quotes"
    if kind == "tuple_type" and isinstance(value, str | int | float | dict):
        return BRACKETS
    if kind == "bool_type" and value in (0, 1):
        return f"write {show(bool(value))}"
    return ""


def field_text(cls: type[Component], name: str) -> str:
    """The type of a field, such as ``whole number > 0``."""
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
        texts = [_such(text, texts) for text in texts]
        return " or ".join([*texts, *(["null"] if type(None) in args else [])])
    if origin is tuple:
        if args[1:] == (Ellipsis,):
            return f"list of {type_text(args[0])}"
        items = [type_text(each) for each in args]
        if len({*items}) == 1:
            return f"list of {len(items)}{_EACH}{items[0]}"
        return f"list of {len(items)}: {', '.join(items)}"
    if origin in (dict, Sequence):
        return "mapping"
    if isinstance(annotation, type) and issubclass(annotation, Component):
        return annotation.family.family if annotation.family else "section"
    names = {int: "whole number", float: "number", str: "text", bool: "true or false"}
    return names.get(annotation, "any value")


_EACH = ", each "


def _such(text: str, alternatives: Sequence[str]) -> str:
    """A list whose items have the type of another alternative, without repeating that type."""
    kind, _, item = text.partition(_EACH)
    return f"{kind} such values" if item and item in alternatives else text


def _flat(metadata: Sequence[Any]) -> list[Any]:
    """Constraints, including those inside a pydantic Field."""
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
