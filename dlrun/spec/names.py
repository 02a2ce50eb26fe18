"""The form of names of experiments and studies."""

from __future__ import annotations

import re
from typing import TypeGuard

LONGEST = 100
"""Characters of a name, at most."""

PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]*"
"""What a whole name matches."""


def is_name(value: object) -> TypeGuard[str]:
    """Whether a value is a valid name, which is also that of a folder."""
    return (
        isinstance(value, str)
        and len(value) <= LONGEST
        and re.fullmatch(PATTERN, value) is not None
    )
