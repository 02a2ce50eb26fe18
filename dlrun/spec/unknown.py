"""Stand-ins for what only the data can say, where it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Unknown(Enum):
    """The type of UNKNOWN."""

    UNKNOWN = "unknown"


UNKNOWN: Literal[Unknown.UNKNOWN] = Unknown.UNKNOWN
"""A value that is not known because something else is wrong: its checks are left out."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that such data does not have, and why."""

    reason: str


Facts = Mapping[str, int | Unknown | Missing]
"""What ``${...}`` may read beside params: what the data says, by name."""
