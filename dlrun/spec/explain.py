"""The origin of each value of a component, for ``dlrun check --explain``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dlrun.spec.component import Component
from dlrun.spec.origin import Default, Interpolated, Origin
from dlrun.spec.resolved import dump


def explain(component: Component, path: str = "") -> Iterator[tuple[str, Any, str]]:
    """Every value with its dotted path and its origin.

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
