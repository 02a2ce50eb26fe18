"""Stand-ins for facts of the data that are not known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal


class Unknown(Enum):
    """The type of UNKNOWN."""

    UNKNOWN = "unknown"


UNKNOWN: Literal[Unknown.UNKNOWN] = Unknown.UNKNOWN
"""A value that is unknown because of another error; checks of it are skipped."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A fact that does not exist for this data, and why."""

    reason: str


Facts = Mapping[str, int | Unknown | Missing]
"""Facts of the data by name, which ``${...}`` can use in addition to params."""
