"""Words that continue an override ``KEY=VALUE`` which is being typed, for completion by a shell."""

from __future__ import annotations

from dlrun.spec.component import Component
from dlrun.spec.field_types import FieldType
from dlrun.spec.nodes import Mapping, Sequence
from dlrun.spec.places import Place, inner_places, values_of


def completions(cls: type[Component], root: Mapping | None, text: str) -> list[str]:
    """Words that begin with a text: keys with what comes after them, or a key with its values.

    A key ends with ``.`` if keys follow, and with ``=`` if it can be set.  The only word is never a
    key without more, so that a shell, which puts a space after the only word, does not do it there.

    Args:
        cls: the component that the spec describes.
        root: the spec, if it can be read.
        text: what has been typed.
    """
    key, equals, value = text.partition("=")
    path = key.split(".")
    place: Place | None = Place(FieldType(cls), root)
    for part in path if equals else path[:-1]:
        place = None if place is None else inner_places(place).get(part)
    if place is None:
        return []
    if equals:
        return [f"{key}={each}" for each in values_of(place) if each.startswith(value)]
    return _keys(place, ".".join(path[:-1]), path[-1])


def _keys(place: Place, above: str, start: str) -> list[str]:
    inner = {key: each for key, each in inner_places(place).items() if key.startswith(start)}
    words, prefix = [], f"{above}." if above else ""
    for key, each in inner.items():
        has_inner = each.family is not None or bool(inner_places(each))
        is_list = isinstance(each.node, Sequence)
        is_set = each.family is not None or is_list or not has_inner or bool(values_of(each))
        words += [f"{prefix}{key}="] if is_set else []
        words += [f"{prefix}{key}."] if has_inner else []
    if len(words) != 1:
        return words
    ((key, each),) = inner.items()
    if words[0].endswith("."):
        return _keys(each, f"{prefix}{key}", "")
    return [*words, *(f"{words[0]}{value}" for value in values_of(each))]
