"""JSON that every parser takes (RFC 8259)."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.printable import printable
from dlrun.runs.access import reading


def to_json(value: Any, indent: int | None = None) -> str:
    """The value as JSON text.

    NaN and the infinities, which JSON does not have, become null.  NumPy scalars and arrays become
    numbers and lists, paths become strings.  What has no shape of its own, as controls, is escaped.

    Raises:
        TypeError: the value holds something that has no form in JSON.
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
        DataError: the file is missing, cannot be read or holds no JSON object.
    """
    with reading(path):
        text = path.read_text(encoding="utf-8")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{path}:{error.lineno}:{error.colno}: no JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:  # of endless digits, or endless brackets
        raise DataError(f"{path}: no JSON that can be read: {error}") from error
    if not isinstance(value, dict):
        raise DataError(f"{path}: expected a JSON object, got {type(value).__name__}")
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
    if hasattr(value, "tolist"):  # NumPy, told by what it offers so as not to import it
        return _plain(value.tolist())
    raise TypeError(f"{type(value).__name__} has no form in JSON")
