"""Conditions on runs: ``optimizer.adam.lr<1e-2``, ``tag=baseline``, ``created>2026-11-01``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dlrun.collection.condition import Condition, parse_condition
from dlrun.collection.entry import Entry
from dlrun.collection.keys import (
    DURATIONS,
    MISSING,
    TIMES,
    checked_key,
    value_of,
)
from dlrun.collection.states import STATES
from dlrun.collection.times import parse_duration, parse_time
from dlrun.errors import InputError
from dlrun.printable import printable
from dlrun.spec.core_schema import resolve

_WORDS = {"status": STATES, "kind": ("run", "study", "folds")}
"""The values that a key can have."""


def matching(entries: Sequence[Entry], conditions: Iterable[str]) -> list[Entry]:
    """The entries that fulfil all conditions.

    A missing value fulfils no condition, except ``!=``.

    Args:
        entries: all that are present; a key that none of them has is an error.
        conditions: as text.

    Raises:
        InputError: a condition is not one, has a key that no run has, or compares what cannot be
            compared.
    """
    kept = list(entries)
    for text in conditions:
        condition = parse_condition(text)
        key = checked_key(condition.key, entries, printable(text))
        test = _test(condition, key, entries)
        kept = [entry for entry in kept if test(value_of(entry, key))]
    return kept


_Test = Callable[[Any], bool]


def _test(condition: Condition, key: str, entries: Sequence[Entry]) -> _Test:
    """Whether a value fulfils a condition."""
    operator, word = condition.operator, condition.word
    if key == "tag":
        return _of_tags(condition)
    if operator == "~":
        part = word.casefold()
        return lambda value: value is not MISSING and part in _as_text(value).casefold()
    if key in TIMES:
        return _within(operator, *parse_time(word, printable(condition.text)))
    if key in DURATIONS:
        seconds = parse_duration(word, printable(condition.text))
        return _within(operator, seconds, seconds)
    known = _WORDS.get(key)
    if known is not None and operator in ("=", "!=") and word not in known:
        from dlrun.spec.problems import did_you_mean

        what = f"{printable(condition.text)}: no run can have this {key}"
        raise InputError(f"{what}; {did_you_mean(word, known)}")
    wanted = _resolved(word)
    if operator in ("=", "!="):
        _check_text(condition, key, wanted, entries)
    if operator == "=":
        return lambda value: value is not MISSING and _equal(value, wanted, word)
    if operator == "!=":
        return lambda value: value is MISSING or not _equal(value, wanted, word)
    _check_order(condition, key, wanted, entries)
    return _within(operator, wanted, wanted)


def _of_tags(condition: Condition) -> _Test:
    word = condition.word
    match condition.operator:
        case "=":
            return lambda tags: word in tags
        case "!=":
            return lambda tags: word not in tags
        case "~":
            return lambda tags: any(word.casefold() in tag.casefold() for tag in tags)
    raise InputError(f"{printable(condition.text)}: tags have no order; use = != or ~")


def _check_text(condition: Condition, key: str, wanted: Any, entries: Sequence[Entry]) -> None:
    """A text never equals a number.

    Raises:
        InputError: the condition compares a text with a key that has only numbers.
    """
    values = [value for entry in entries if (value := value_of(entry, key)) is not MISSING]
    if isinstance(wanted, str) and values and all(map(_is_number, values)):
        raise InputError(
            f"{printable(condition.text)}: '{key}' is a number in all runs, such as {values[0]}, "
            f"and {printable(condition.word)!r} is not"
        )


def _check_order(condition: Condition, key: str, wanted: Any, entries: Sequence[Entry]) -> None:
    """Only numbers have an order.

    Raises:
        InputError: the condition asks for another one.
    """
    place = printable(condition.text)
    if not _is_number(wanted):
        raise InputError(
            f"{place}: {condition.operator} compares numbers, and {printable(condition.word)!r} is "
            "not a number; use = != or ~"
        )
    values = [value for entry in entries if (value := value_of(entry, key)) is not MISSING]
    if values and not any(map(_is_number, values)):
        example = next((value for value in values if value is not None), None)
        shown = printable(_as_text(example))[:40]
        raise InputError(
            f"{place}: {condition.operator} compares numbers, and no run has a number for '{key}' "
            f"but values such as {shown}; use = != or ~"
        )


def _within(operator: str, start: float, stop: float) -> _Test:
    """Compare numbers with a number, or with a span such as a day: after it, before it, in it."""

    def test(value: Any) -> bool:
        if not _is_number(value):
            return operator == "!="
        inside = bool(start <= value < stop if stop > start else value == start)
        match operator:
            case "=":
                return inside
            case "!=":
                return not inside
            case "<":
                return bool(value < start)
            case "<=":
                return bool(value < stop) or (stop == start and bool(value <= stop))
            case ">":
                return bool(value >= stop) if stop > start else bool(value > stop)
            case _:
                return bool(value >= start)

    return test


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _equal(value: Any, wanted: Any, word: str) -> bool:
    if isinstance(value, str):
        return value in (word, wanted)
    if isinstance(value, bool) or isinstance(wanted, bool) or value is None or wanted is None:
        return value is wanted
    return bool(value == wanted)


def _resolved(word: str) -> Any:
    """The value of a word as in a spec: a number, true, false, null or text."""
    quoted = re.fullmatch(r"'(.*)'|\"(.*)\"", word, re.DOTALL)
    if quoted is not None:
        return quoted[1] if quoted[1] is not None else quoted[2]
    try:
        return resolve(word)
    except ValueError:
        return word


def _as_text(value: Any) -> str:
    words = {True: "true", False: "false", None: "null"}
    return words[value] if value is None or isinstance(value, bool) else str(value)
