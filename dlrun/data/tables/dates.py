"""Dates and times in text, and numbers derived from them for learning."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from dlrun.arrays import Array

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)
_DAY = 86_400_000_000
"""Microseconds per day."""

ADVICE = "write 2026-01-31 or 2026-01-31T12:30"

_LIKE_DATES = re.compile(
    r"(?:[0-9]{4}([-/.])(?:0?[1-9]|1[0-2])\1(?:0?[1-9]|[12][0-9]|3[01])"  # year, month, day
    r"|(?:0?[1-9]|[12][0-9]|3[01])([-/.])(?:0?[1-9]|[12][0-9]|3[01])\2[0-9]{4}"  # in other orders
    r"|(?:0?[1-9]|[12][0-9]|3[01])/(?:0?[1-9]|[12][0-9]|3[01])/[0-9]{2}"
    r"|(?:0?[1-9]|[12][0-9]|3[01])[ -](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
    r"[ -](?:[0-9]{4}|[0-9]{2}))"
    r"(?:[T ][0-9]{1,2}:[0-9]{2}.*)?"
)


def instant(text: str) -> int | None:
    """Microseconds from 1970 to an ISO 8601 date or time, in UTC if it has no zone; or None."""
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # not a date, or beyond the valid years in UTC
        return None
    return (moment - _BEGINNING) // _TICK


def like_dates(texts: Collection[str]) -> bool:
    """Whether all texts, at least one, look like dates, in any order of year, month and day."""
    return bool(texts) and all(_LIKE_DATES.fullmatch(text) for text in texts)


def parts_of(instants: Array) -> tuple[str, ...]:
    """Names of the numbers that describe some instants; the hour only if one is not 0."""
    timed = bool((instants % _DAY).any())
    return tuple(name for name in PARTS if timed or name != "hour")


def _calendar(instants: Array, of: Callable[[datetime], float]) -> Array:
    ticks = instants.tolist()
    return np.array([of(_BEGINNING + tick * _TICK) for tick in ticks], np.float64)


PARTS: Mapping[str, Callable[[Array], Array]] = {
    "days": lambda instants: instants / _DAY,
    "year": lambda instants: _calendar(instants, lambda moment: moment.year),
    "month": lambda instants: _calendar(instants, lambda moment: moment.month),
    "day": lambda instants: _calendar(instants, lambda moment: moment.day),
    "weekday": lambda instants: _calendar(instants, lambda moment: moment.isoweekday()),
    "hour": lambda instants: instants % _DAY / (_DAY / 24),
}
"""From instants, (n,) int64 microseconds from 1970 in UTC, to numbers, (n,) float64: days from
1970, year, month, day of the month, day of the week (Monday is 1) and hour, with fractions."""
