"""Names of run directories."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # without l, o, 0 and 1, which look like each other


def new_id(now: datetime | None = None) -> str:
    """An id such as ``20260131-142359-k3f9qz``: the time in UTC and 30 random bits.

    Ids sort by time.  Two of the same second are alike once in 2**30 pairs; whoever makes a
    directory of that name must still make it exclusively.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC)
    tail = "".join(secrets.choice(_LETTERS) for _ in range(6))
    return f"{moment:%Y%m%d-%H%M%S}-{tail}"
