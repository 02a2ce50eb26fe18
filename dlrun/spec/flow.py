"""Plain data as one line of YAML: in messages, tables and pictures."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from dlrun.spec.core_schema import resolve

_BARE = re.compile(r"[A-Za-z_][\w.-]*")
_WORDS = {True: "true", False: "false", None: "null"}
_LONGEST = 60
"""Characters of a value in a message, at most."""


def real(value: float) -> str:
    """A float with all its digits, and YAML's words for infinities and NaN."""
    if math.isfinite(value):
        return repr(value)
    return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"


def flow(value: Any, number: Callable[[float], str] = real) -> str:
    """The value in YAML's flow style: ``{sgd: {momentum: 0.9}}``, ``[16, relu, "${width}"]``.

    Args:
        value: plain data; anything else is written as Python does.
        number: writes a float.
    """
    if isinstance(value, Mapping):
        pairs = (f"{flow(key, number)}: {flow(each, number)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(flow(each, number) for each in value)}]"
    if isinstance(value, str):
        return value if _is_bare(value) else _quoted(value)
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    return number(value) if isinstance(value, float) else repr(value)


def setting(value: Any) -> str:
    """The value of a key as short text: floats with four digits, a text without quotes."""
    return value if isinstance(value, str) else flow(value, _short)


def show(value: Any) -> str:
    """A value for a message: shortened, and a text in quotes."""
    text = repr(value) if isinstance(value, str) else flow(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _short(value: float) -> str:
    return f"{value:.4g}" if math.isfinite(value) else real(value)


def _is_bare(text: str) -> bool:
    """Whether YAML reads the text without quotes as the same text."""
    return _BARE.fullmatch(text) is not None and resolve(text) == text


def _quoted(text: str) -> str:
    """The text in double quotes, with letters that are not visible escaped."""
    line = json.dumps(text, ensure_ascii=False)
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in line)
