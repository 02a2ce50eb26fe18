"""Field types that several components share."""

from __future__ import annotations

import re
import struct
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, WithJsonSchema

from dlrun.spec.names import LONGEST, PATTERN

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?[dhms])+")
_PART = re.compile(r"(\d+(?:\.\d+)?)([dhms])")


def is_duration(text: str) -> bool:
    """Whether a text is a time with units, such as 90s or 3h50m."""
    return _DURATION.fullmatch(text) is not None


def _seconds(value: Any) -> Any:
    if isinstance(value, str):
        if not is_duration(value):
            raise ValueError("must be a duration such as 90s, 45m or 3h50m")
        return sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(value))
    return value


Duration = Annotated[
    float,
    BeforeValidator(_seconds),
    Field(gt=0),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0},
                {"type": "string", "pattern": f"^{_DURATION.pattern}$"},
            ]
        }
    ),
]
"""A time in seconds: a number, or text such as ``90s``, ``45m``, ``3h50m``, ``1d``."""

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
"""A fraction of a whole: at least 0 and less than 1."""

Positive = Annotated[float, Field(gt=0.0)]
"""A number above 0."""


def _in_float32(value: float) -> float:
    """Check that a number above 0 is not rounded to 0 or to infinity as a 32-bit float."""
    try:
        rounded = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        raise ValueError("must be at most 3.4e38, the largest 32-bit float") from None
    if rounded == 0.0:
        raise ValueError("must be at least 1e-45; smaller numbers are 0 as 32-bit floats")
    return value


Positive32 = Annotated[Positive, AfterValidator(_in_float32)]
"""A number above 0 that is not 0 or infinite as a 32-bit float, in which networks compute."""

NonNegative = Annotated[float, Field(ge=0.0)]
"""A number of at least 0."""

Name = Annotated[str, Field(max_length=LONGEST, pattern=f"^{PATTERN}$")]
"""At most 100 letters, digits, dots, underscores and hyphens; a letter or digit first."""

Pair = PositiveInt | tuple[PositiveInt, PositiveInt]
"""One length for both axes of an image, or (height, width)."""


def pair(value: Pair) -> tuple[int, int]:
    """Both lengths of a Pair."""
    return value if isinstance(value, tuple) else (value, value)
