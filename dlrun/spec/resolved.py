"""Components as a spec in one notation, with all defaults."""

from __future__ import annotations

import re
from typing import Any

import yaml

from dlrun.spec.component import Component
from dlrun.spec.core_schema import resolve

_BREAK = re.compile("[\n\r\x85\u2028\u2029]")


def dump(value: Any) -> Any:
    """A component as plain data that builds an equal one: a bare name, or a name and all fields."""
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
    """Plain data as YAML that ``dlrun.spec.yaml`` reads as the same data."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, indent=2)


class _Dumper(yaml.SafeDumper):
    """Quotes all text that the 1.2 core schema would read otherwise, and uses no aliases."""

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
