"""The component that a section of a spec uses, for advice about its keys."""

from __future__ import annotations

from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.spec.nodes import Mapping
from dlrun.spec.notation import named
from dlrun.spec.problems import Problems


def written_component(
    name: str, family: type[Component], present: Mapping | None
) -> type[Component] | None:
    """The component that a section has under a name; None if that is not known."""
    node = None if present is None else present.get(name)
    found = None if node is None else named(node, family, Problems())
    return None if found is None else found.cls


def other_component(
    path: tuple[str, ...], cls: type[Component], present: Mapping | None
) -> str | None:
    """Advice if a path leads into another component than the one that a section has."""
    kind = field_type(cls.model_fields[path[0]].annotation)
    if kind.component is None or kind.component.family is None:
        return None
    written = written_component(path[0], kind.component, present)
    if written is None or written.kind == path[1]:
        return None
    return (
        f"'{path[0]}' is '{written.kind}', which has no '{path[-1]}'; remove it, or write "
        f"{'.'.join(path)}, which replaces '{written.kind}'"
    )
