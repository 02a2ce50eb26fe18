"""What to do about a key that does not exist where it is written."""

from __future__ import annotations

from collections.abc import Iterator

from dlrun.spec.component import Component
from dlrun.spec.field_types import field_type
from dlrun.spec.keys_elsewhere import IN_COMPONENTS, REASONS, SAME, TOP
from dlrun.spec.nodes import Mapping
from dlrun.spec.other_names import usual
from dlrun.spec.problems import did_you_mean, near
from dlrun.spec.written_component import other_component, written_component


def meant(key: str, cls: type[Component]) -> str | None:
    """The key that an unknown key of a section stands for; None if that is not clear."""
    same = next((each for each in SAME.get(key, ()) if each in cls.model_fields), None)
    known = key in REASONS or key in IN_COMPONENTS or _belongs(key, cls)
    if same is not None or known or _misspelt_below(key, cls) is not None:
        return same
    return near(key, cls.model_fields)


def advice(key: str, cls: type[Component], present: Mapping | None = None) -> str:
    """What to do about a key that a section or component does not have.

    Args:
        key: as written.
        cls: the section or component.
        present: the section as it is written, which may use another component than the usual one
            that has the key; None if that is not known.
    """
    same = next((each for each in SAME.get(key, ()) if each in cls.model_fields), None)
    if cls.family is not None and key in IN_COMPONENTS:
        return IN_COMPONENTS[key]
    if same is not None:
        return f"did you mean '{same}'?"
    found = REASONS.get(key) or _belongs(key, cls, present) or IN_COMPONENTS.get(key)
    if found is None and (below := _misspelt_below(key, cls)) is not None:
        found = _belongs(below, cls, present)
    return found or did_you_mean(key, cls.model_fields)


def _misspelt_below(key: str, cls: type[Component]) -> str | None:
    """The key of a section below that is more similar to a key than those of the section itself."""
    if cls.family is not None:
        return None
    nearest = near(key, {*cls.model_fields, *(path[-1] for path in _below(cls))})
    return None if nearest in cls.model_fields else nearest


def _belongs(key: str, cls: type[Component], present: Mapping | None = None) -> str | None:
    """Where a key, or what it is called here, belongs; None if it is in no other section."""
    if cls.family is not None:
        return None
    for each in (key, *SAME.get(key, ())):
        found = [*_in_sections(each, cls), *_in_families(each, cls, present)]
        if found and (other := other_component(found[0], cls, present)) is not None:
            return other
        if found:
            return f"it belongs under '{found[0][0]}': {'.'.join(found[0])}"
        if each in TOP and each not in cls.model_fields:
            return f"'{each}' belongs at the top level of the spec"
    return None


def _in_sections(key: str, cls: type[Component]) -> Iterator[tuple[str, ...]]:
    """The paths of a key in sections below a section."""
    return (path for path in _below(cls) if path[-1] == key)


def _below(cls: type[Component]) -> Iterator[tuple[str, ...]]:
    """The paths of all keys in sections below a section."""
    for name, field in cls.model_fields.items():
        kind = field_type(field.annotation)
        if kind.component is None or kind.component.family is not None or kind.many:
            continue
        if not kind.component.common_keys:
            yield from ((name, key) for key in kind.component.model_fields)
        yield from ((name, *path) for path in _below(kind.component))


def _in_families(
    key: str, cls: type[Component], present: Mapping | None
) -> Iterator[tuple[str, ...]]:
    """The paths of a key in components below a section, one for each field."""
    for name, field in cls.model_fields.items():
        kind = field_type(field.annotation)
        if kind.component is None or kind.component.family is None or kind.many:
            continue
        written = written_component(name, kind.component, present)
        if written is not None and key in written.model_fields:
            yield name, written.kind, key
        elif (member := usual(key, kind.component)) is not None:
            yield name, member, key
