"""A resolved spec as flat parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlrun.loggers.messages import Scalar
from dlrun.redact import redacted
from dlrun.run_directory.flat import flat


def parameters(spec: Mapping[str, Any]) -> dict[str, Scalar]:
    """The values of a spec by dotted key, without passwords.

    Args:
        spec: plain data; an item of a list has its number, from 0, as its key.
    """
    return {path: _scalar(value) for path, value in flat(spec)}


def _scalar(value: Any) -> Scalar:
    if value is None:
        return "null"
    return value if isinstance(value, bool | int | float) else redacted(str(value))
