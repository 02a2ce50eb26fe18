"""The types of the values in an index, which anyone may have written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from dlrun.collection.entry import Entry
from dlrun.collection.states import Mode, State

_Check = Callable[[Any], bool]


def is_spec(value: Any) -> bool:
    """Whether a value is single values by key."""
    return isinstance(value, dict) and all(
        isinstance(each, str | int | float | None) for each in value.values()
    )


def _whole(value: Any) -> bool:
    return type(value) is int


def _number(value: Any) -> bool:
    return type(value) is float or type(value) is int


def _text(value: Any) -> bool:
    return type(value) is str


def _optional(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


_NUMBERS = frozenset((int, float, type(None)))


def _scores(value: Any) -> bool:
    return type(value) is dict and _NUMBERS.issuperset(map(type, value.values()))


def _words(value: Any) -> bool:
    return all(type(each) is str for each in value)


def _one_of(kind: Any) -> _Check:
    known = frozenset(get_args(kind))
    return lambda value: type(value) is str and value in known


def _goals(value: Any) -> bool:
    mode = _one_of(Mode)
    return bool(value) and all(_text(score) and mode(way) for score, way in value)


RUN: Mapping[str, _Check] = {
    "name": _text,
    "id": _text,
    "state": _one_of(State),
    "created": _optional(_number),
    "ended": _optional(_number),
    "trained": _whole,
    "planned": _optional(_whole),
    "monitor": _optional(_text),
    "mode": _one_of(Mode),
    "best": _optional(_number),
    "best_epoch": _optional(_whole),
    "metrics": _scores,
    "tags": _words,
    "note": _text,
    "seconds": _optional(_number),
    "folds": _whole,
    "trial": _optional(_whole),
    "repeat": _optional(_whole),
}
STUDY: Mapping[str, _Check] = {
    "name": _text,
    "state": _one_of(State),
    "created": _optional(_number),
    "ended": _optional(_number),
    "objectives": _goals,
    "trials": _whole,
    "planned": _optional(_whole),
    "done": _whole,
    "failed": _whole,
    "running": _whole,
    "best": _optional(_number),
    "best_trial": _optional(_whole),
    "suggestion": is_spec,
    "tags": _words,
    "note": _text,
}


_INNER = ("state", "mode", "metrics", "tags", "objectives", "suggestion")
"""Values whose types are not all that has to be right."""
_seen: set[tuple[type, ...]] = set()
"""Types of the values of valid entries."""


def is_valid(entry: Entry, types: Mapping[str, _Check]) -> bool:
    """Whether an entry that an index has is made of the right types."""
    kinds = (type(entry), *[type(getattr(entry, name)) for name in types])
    # Most entries have values of the same types.  Then only what is in them is left to check.
    names = [name for name in _INNER if name in types] if kinds in _seen else types
    if not all(types[name](getattr(entry, name)) for name in names):
        return False
    _seen.add(kinds)
    return True
