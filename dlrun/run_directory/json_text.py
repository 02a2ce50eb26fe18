"""JSON that every parser accepts (RFC 8259)."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any, NoReturn

from dlrun.errors import DataError
from dlrun.printable import printable
from dlrun.run_directory.access import read_text

_DIGITS = sys.float_info.max_10_exp + 1
"""Digits of the smallest whole number that is too large for a float."""


def to_json(value: Any, indent: int | None = None) -> str:
    """The value as JSON text.

    NaN and the infinities, which JSON does not have, become null.  NumPy scalars and arrays become
    numbers and lists, paths become strings.  Unprintable letters are escaped.

    Raises:
        TypeError: the value contains a type that JSON cannot represent.
    """
    text = json.dumps(_plain(value), indent=indent, allow_nan=False, ensure_ascii=False)
    if text.isprintable():
        return text
    return "\n".join(map(_escaped, text.split("\n")))  # line ends in strings are escaped already


def _escaped(line: str) -> str:
    if line.isprintable():
        return line
    return "".join(each if printable(each) == each else json.dumps(each)[1:-1] for each in line)


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        DataError: the file is missing, cannot be read or does not contain a JSON object.
    """
    value = parsed(read_text(path), str(path))
    if not isinstance(value, dict):
        raise DataError(f"{path}: expected a JSON object, got {type(value).__name__}")
    return value


def parsed(text: str, place: str, line: int | None = None) -> Any:
    """The value of a JSON text.

    Args:
        text: from an untrusted source.
        place: the file, for messages.
        line: its line number in the file; None for a whole file.

    Raises:
        DataError: it is not JSON, or too large or too deep to be read.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
    except json.JSONDecodeError as error:
        row = error.lineno if line is None else line
        advice = "" if line is None else "; the line is damaged, restore the file from a copy"
        what = error.msg.removesuffix(" starting at")
        raise DataError(f"{place}:{row}:{error.colno}: not JSON: {what}{advice}") from error
    except (ValueError, RecursionError, MemoryError) as error:  # endless digits or brackets
        where = place if line is None else f"{place}:{line}"
        detail = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise DataError(f"{where}: not JSON that can be read: {detail}") from error


def _refuse(word: str) -> NoReturn:
    """Refuse NaN and infinities, which Python reads and JSON does not have."""
    raise ValueError(f"{word[:20]} is not a finite number")


def _finite(word: str) -> float:
    """A number; one that is too large for a float is refused, because it would become infinite."""
    value = float(word)
    return value if math.isfinite(value) else _refuse(word)


def _whole(word: str) -> int:
    """A whole number; one that no float can hold is refused, because it is computed with later."""
    value = int(word)
    if len(word) >= _DIGITS:
        try:
            float(value)
        except OverflowError:
            raise ValueError(f"{word[:20]}... is too large a number") from None
    return value


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence | Set) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # NumPy, recognized without importing it
        return _plain(value.tolist())
    raise TypeError(f"JSON cannot represent {type(value).__name__}")
