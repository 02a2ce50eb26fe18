"""The meaning of unquoted YAML text in the 1.2 core schema.

So ``1e-3`` is a number, ``no`` is text and ``010`` is 10 (YAML 1.2.2, section 10.3).
"""

from __future__ import annotations

import math
import re
from typing import Any

from dlrun.spec.nodes import whole

_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)")
_NAN = frozenset((".nan", ".NaN", ".NAN"))
_MAX_DIGITS = 400


def resolve(text: str) -> Any:
    """The value of plain (unquoted) text in the core schema.

    Raises:
        ValueError: a number that is too long, does not fit into 64 bits, or exceeds all floats.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    number = _FLOAT.fullmatch(text) or _BASED.fullmatch(text)  # every decimal int is a float, too
    if len(text) > _MAX_DIGITS and number:
        raise ValueError(f"a number of {len(text)} digits")
    if _INT.fullmatch(text):
        return whole(text)
    if _BASED.fullmatch(text):
        return whole(text, 0)
    if _FLOAT.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            raise ValueError(f"{text} exceeds the largest number")
        return value
    if infinite := _INFINITE.fullmatch(text):
        return float(f"{infinite[1]}inf")
    if text in _NAN:
        return float("nan")
    return text
