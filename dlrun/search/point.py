"""A point: values that a user chooses for some keys of a space; a sampler draws the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.search.constraint import Constraint
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.fixed import Fixed
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, identity, thawed
from dlrun.search.taken import taken
from dlrun.spec.flow import show
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems, did_you_mean

_LISTED = 8
"""Values of a dimension that a message lists, at most."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A value for a key, with the places of both."""

    key: str
    value: Any
    of_key: Origin
    of_value: Origin


def read_point(
    space: Space, settings: Iterable[Setting], place: Origin, problems: Problems
) -> Suggestion | None:
    """The point that some settings describe; None if it has errors, which are in ``problems``.

    Args:
        space: the search space.
        settings: one for each key that is chosen; the keys of the others are drawn.
        place: of the point as a whole.
        problems: collects all errors.
    """
    before, origins = len(problems.messages()), dict[str, Setting]()
    point: Suggestion = {}
    for each in settings:
        if each.key in origins:
            problems.add(each.of_key, f"'{each.key}' is set twice", "remove one")
        origins[each.key] = each
        if each.key not in space.dimensions:
            problems.add(each.of_key, f"the space has no key '{each.key}'", _meant(each.key, space))
            continue
        dimension = space.dimensions[each.key]
        value = taken(dimension, thawed(each.value))
        if dimension.contains(value):
            point[each.key] = value
        else:
            what = f"'{each.key}' is never {show(each.value)}"
            advice = f"{_described(dimension)}; use one of them, or widen the space"
            problems.add(each.of_value, what, advice)
    if len(problems.messages()) > before:
        return None
    allowed = _allowed(space, point)
    for key, setting in origins.items():
        for other in space.conditions(key):
            if other in point and not _agrees(space, key, other, point[other]):
                what = f"'{key}' is not used where '{other}' is {show(point[other])}"
                problems.add(setting.of_key, what, f"remove '{key}', or change '{other}'")
            elif other not in point and not allowed[other]:
                what = f"'{key}' is not used with the other values of this point"
                problems.add(setting.of_key, what, f"remove '{key}'; it needs another '{other}'")
    for limit in space.constraints:
        if limit.keys <= point.keys() and not limit.holds(point):
            problems.add(place, f"the constraint '{limit.text}' is not met", "change a value")
    if len(problems.messages()) > before:
        return None
    return {key: point[key] for key in space.keys if key in point}


def narrowed(space: Space, point: Suggestion) -> Space:
    """The part of a space that has the values of a point, from which a sampler can draw the others.

    A key that is active only with some values of another one restricts that one to these.  Keys
    that cannot be active with the values of the point are left out.
    """
    allowed, dimensions = _allowed(space, point), dict[str, Dimension]()
    for key in space.keys:
        when = dict[str, Any]()
        for other, wanted in space.conditions(key).items():
            of_other = dimensions.get(other)
            when[other] = [] if of_other is None else [*filter(of_other.contains, thawed(wanted))]
        values = allowed.get(key)
        if not all(when.values()) or values == []:
            continue
        if values is None:
            dimensions[key] = space.dimensions[key].model_copy(update={"when": when or None})
        elif len(values) == 1:
            dimensions[key] = Fixed(value=values[0], when=when or None)
        else:
            dimensions[key] = Choice(values=tuple(values), when=when or None)
    limits = [each for each in space.constraints if each.keys <= dimensions.keys()]
    return Space(dimensions, limits)


def without(space: Space, suggestions: Iterable[Mapping[str, Any]]) -> Space:
    """A space that does not have some suggestions."""
    return Space(space.dimensions, [*space.constraints, *map(_not, suggestions)])


def _not(suggestion: Mapping[str, Any]) -> Constraint:
    """A constraint that only one suggestion violates."""
    word = identity(suggestion)
    keys = frozenset(suggestion)

    def differs(other: Mapping[str, Any]) -> bool:
        return identity({key: other[key] for key in keys}) != word

    return Constraint(f"not {word}", keys, differs)


def _allowed(space: Space, point: Suggestion) -> dict[str, list[Any]]:
    """The values of the keys of a point, and of those that must be active or have some values."""
    allowed: dict[str, list[Any]] = {key: [value] for key, value in point.items()}
    for key in reversed(space.keys):  # conditions come before what depends on them
        for other, wanted in space.conditions(key).items() if key in allowed else ():
            words = set(map(identity, map(thawed, wanted)))
            before = allowed.get(other, thawed(list(wanted)))
            allowed[other] = [value for value in before if identity(value) in words]
    return allowed


def _agrees(space: Space, key: str, other: str, value: Any) -> bool:
    wanted = space.conditions(key)[other]
    return identity(value) in set(map(identity, map(thawed, wanted)))


def _described(dimension: Dimension) -> str:
    if dimension.size is not None and dimension.size <= _LISTED:
        return f"its values are {show(list(dimension.grid(dimension.size)))}"
    if dimension.numeric:
        return f"its values are from {show(dimension.at(0.0))} to {show(dimension.at(1.0))}"
    return f"it has {dimension.size} values"


def _meant(word: str, space: Space) -> str:
    """Advice for an unknown key, which may be the end of a known one."""
    ends = [key for key in space.keys if key.endswith(f".{word}")]
    return f"did you mean '{ends[0]}'?" if len(ends) == 1 else did_you_mean(word, space.keys)
