"""Text without passwords, for messages and for what is logged."""

from __future__ import annotations

import re

_USER_INFO = re.compile(r"(?<=://)([^/?#\s@:]*):([^/?#\s]*)@")
_QUERY = re.compile(
    r"(?i)\b((?:[a-z0-9_-]*(?:token|passw(?:or)?d|pwd|secret)|api[_-]?key)=)[^&\s'\"]+"
)


def redacted(text: str) -> str:
    """The text with ``***`` instead of the passwords and tokens of its addresses."""
    return _QUERY.sub(r"\1***", _USER_INFO.sub(r"\1:***@", text))


def has_secret(address: str) -> bool:
    """Whether an address contains a password or a token."""
    return redacted(address) != address
