"""Times and durations in conditions: ``2026-11-01``, ``2026-11-01T12:30``, ``3d``."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from dlrun.errors import InputError

_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*(s|m|min|h|d|w)?")
_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_PARTS = (
    ("%Y", None),
    ("%Y-%m", None),
    ("%Y-%m-%d", timedelta(days=1)),
    ("%Y-%m-%dT%H:%M", timedelta(minutes=1)),
    ("%Y-%m-%dT%H:%M:%S", timedelta(seconds=1)),
)


def parse_time(word: str, place: str) -> tuple[float, float]:
    """The first moment of a year, month, day, minute or second in UTC, and the first after it.

    Args:
        word: such as ``2026-11-01``; ``T`` or a space separates day and time.
        place: for messages.

    Returns:
        Seconds since 1970.

    Raises:
        InputError: it is not a time.
    """
    text = word.strip().replace(" ", "T").removesuffix("Z")
    for form, length in _PARTS:
        try:
            start = datetime.strptime(text, form).replace(tzinfo=UTC)
            if length is not None:
                stop = start + length
            elif form == "%Y":
                stop = start.replace(year=start.year + 1)
            else:
                stop = (start + timedelta(days=31)).replace(day=1)
        except (ValueError, OverflowError):
            continue
        return start.timestamp(), stop.timestamp()
    raise InputError(f"{place}: not a date; write 2026-11-01 or 2026-11-01T12:30, in UTC")


def parse_duration(word: str, place: str) -> float:
    """A duration in seconds.

    Args:
        word: a number with s, m, h, d or w after it, such as ``3d``.
        place: for messages.

    Raises:
        InputError: it is not a duration.
    """
    found = _DURATION.fullmatch(word.strip())
    if found is None:
        raise InputError(f"{place}: not a duration; write 90s, 15m, 3h, 2d or 1w")
    return float(found[1]) * _SECONDS[found[2] or "s"]


def shown_time(seconds: float | None) -> str:
    """A time in UTC, such as ``2026-11-01T12:30:00Z``; empty if it is None or out of range."""
    if seconds is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return ""


def shown_age(seconds: float | None) -> str:
    """A duration in its largest unit, such as ``3 d``; empty if it is None."""
    if seconds is None:
        return ""
    for unit, size in (("w", 604800.0), ("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= (2 * size if unit == "w" else size):
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0.0):.0f} s"
