"""Names of run directories."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime

_LETTERS = "23456789abcdefghijkmnpqrstuvwxyz"
"""In the order in which text is sorted, without l, o, 0 and 1, which look like each other."""
_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9]{6}")
_OF_A_TRIAL = re.compile(rf"([0-9]{{4,9}})(?:-([0-9]{{1,6}}))?-({_ID.pattern})")


def new_id(now: datetime | None = None) -> str:
    """An ID such as ``20260131-142359-k3f9qz``: the time in UTC and 20 random bits.

    The first two letters of the tail count 1024ths of the second, so IDs sort by time, also those
    of runs that take less than a second.  Two IDs of the same 1024th are equal with probability
    2**-20; code that makes a directory of that name must still make it exclusively.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    high, low = divmod(moment.microsecond * 1024 // 10**6, len(_LETTERS))
    tail = _LETTERS[high] + _LETTERS[low] + "".join(secrets.choice(_LETTERS) for _ in range(4))
    return f"{moment:%Y%m%d-%H%M%S}-{tail}"


def id_in(name: str) -> str:
    """The ID in the name of a directory, which may be that of a trial; empty if it has none."""
    trial = _OF_A_TRIAL.fullmatch(name)
    found = trial[3] if trial else name
    return found if _ID.fullmatch(found) else ""


def began(name: str) -> datetime | None:
    """When the run of a directory began, from its name; None if that has no time."""
    found = id_in(name)
    if not found:
        return None
    try:
        return datetime.strptime(found[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def trial_of(name: str) -> tuple[int, int] | None:
    """The trial and the repeat, both from 0, of a directory in a study; None if it has neither."""
    found = _OF_A_TRIAL.fullmatch(name)
    return None if found is None else (int(found[1]), int(found[2] or 1) - 1)
