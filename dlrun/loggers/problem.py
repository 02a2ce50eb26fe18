"""Exceptions of libraries as one line."""

from __future__ import annotations

from dlrun.loggers.sink import SinkError
from dlrun.redact import redacted

_LONGEST = 300


def described(error: BaseException) -> str:
    """What went wrong, on one line and without passwords."""
    text = " ".join(redacted(str(error)).split())
    if not isinstance(error, SinkError):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
