"""Components back to a spec: one notation, all defaults filled in; and where each value is from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from dlrun.spec.component import Component
from dlrun.spec.origin import Default, Interpolated, Origin
from dlrun.spec.yaml import resolve

_BREAK = re.compile("[\n\r\x85\u2028\u2029]")


def dump(value: Any) -> Any:
    """A component as plain data that reads as an equal one: a bare name, or name and all fields."""
    if isinstance(value, Component):
        fields = {name: dump(getattr(value, name)) for name in type(value).model_fields}
        if value.family is None:
            return fields
        return {value.kind: fields} if fields else value.kind
    if isinstance(value, tuple | list):
        return [dump(item) for item in value]
    if isinstance(value, dict):
        return {key: dump(item) for key, item in value.items()}
    if isinstance(value, str):
        return value.replace("${", "$${")
    return value


def to_yaml(data: Any) -> str:
    """Plain data as YAML that our own reader reads as the same."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2)


class _Dumper(yaml.SafeDumper):
    """Quotes whatever the 1.2 core schema would not read as text, and uses no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    try:
        is_text = resolve(value) == value and isinstance(resolve(value), str)
    except ValueError:
        is_text = False
    style = None if is_text else "'"
    if _BREAK.search(value):
        style = '"'  # the only one that keeps every kind of line break
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def explain(component: Component, path: str = "") -> Iterator[tuple[str, Any, str]]:
    """Every single value with its dotted path and the place it came from.

    Args:
        component: as ``build`` made it.
        path: of the component itself, with a dot at its end.
    """
    for name in type(component).model_fields:
        value = getattr(component, name)
        if isinstance(value, dict) and value:
            for key, inner in value.items():
                origin = component._places.get(f"{name}.{key}", Default())
                yield from _explain(inner, f"{path}{name}.{key}", origin)
        else:
            origin = component._places.get(name, Default())
            yield from _explain(value, f"{path}{name}", origin)


def _explain(value: Any, path: str, origin: Origin) -> Iterator[tuple[str, Any, str]]:
    if isinstance(value, Component):
        inner = path if value.family is None else f"{path}.{value.kind}"
        if type(value).model_fields:
            yield from explain(value, f"{inner}.")
        else:
            yield path, value.kind, _place(origin)
    elif _holds_components(value):
        for number, item in enumerate(value):
            inner_origin = item.origin if isinstance(item, Component) else origin
            yield from _explain(item, f"{path}.{number}", inner_origin)
    else:
        yield path, dump(value), _place(origin)


def _holds_components(value: Any) -> bool:
    return isinstance(value, tuple) and any(
        isinstance(item, Component) or _holds_components(item) for item in value
    )


def _place(origin: Origin) -> str:
    if isinstance(origin, Interpolated):
        return f"{origin.place} (${{{origin.name}}}: {origin.source})"
    return str(origin)
