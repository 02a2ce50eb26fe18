"""The keys of a spec whose values are not the defaults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dlrun.spec.component import Component
from dlrun.spec.flow import show

Change = tuple[str, str, str]
"""A key, its value, and its default: ``required`` if it has none."""

REQUIRED = "required"


def changes(component: Component, prefix: str = "") -> Iterator[Change]:
    """The keys that differ from the defaults, in the order of the spec.

    Args:
        component: built from a spec.
        prefix: of the keys, with a dot.
    """
    for key, field in type(component).model_fields.items():
        required = field.is_required()
        default = None if required else field.get_default(call_default_factory=True)
        yield from _differing(f"{prefix}{key}", getattr(component, key), default, required)


def _differing(key: str, value: Any, default: Any, required: bool) -> Iterator[Change]:
    if isinstance(value, Component):
        word = value.kind
        if type(value) is type(default):
            yield from _fields(value, default, f"{key}.{word}." if word else f"{key}.")
            return
        if word:
            yield key, word, REQUIRED if required else _shown(default)
        yield from changes(value, f"{key}.{word}." if word else f"{key}.")
    elif isinstance(value, Sequence) and any(isinstance(each, Component) for each in value):
        if not required and value == default:
            return
        for place, each in enumerate(value):
            yield from _differing(f"{key}.{place}", each, None, True)
    elif required or value != default:
        yield key, _shown(value), REQUIRED if required else _shown(default)


def _fields(value: Component, default: Component, prefix: str) -> Iterator[Change]:
    for key in type(value).model_fields:
        one, other = getattr(value, key), getattr(default, key)
        if one != other:
            yield from _differing(f"{prefix}{key}", one, other, False)


def _shown(value: Any) -> str:
    if isinstance(value, Component):
        return value.kind or type(value).__name__
    return value if isinstance(value, str) else show(value)
