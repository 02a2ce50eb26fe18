"""starts.jsonl: one line of JSON per start, resume and restart of a training, as it happened.

A line has the fields of an event of ``dlrun.training.events``, and its name under ``event``.
``dlrun watch`` learns from it what the rows of metrics.csv cannot show.  A last line without its
line end was being written when the process was killed; it is ignored, and cut off by the next one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory.access import LARGEST, present, read_text
from dlrun.run_directory.atomic import append, cut_unfinished_line
from dlrun.run_directory.counts import is_count
from dlrun.run_directory.json_text import parsed, to_json


def append_start(path: Path, event: Mapping[str, Any]) -> None:
    """Add a start, a resume or a restart.

    Raises:
        DataError: the file cannot be written.
    """
    if present(path):
        cut_unfinished_line(path)
    append(path, f"{to_json(event)}\n")


def read_starts(path: Path) -> list[dict[str, Any]]:
    """The starts, resumes and restarts, in order; empty for a run of an older version.

    Returns:
        For each its fields, all present and of the right type, and its name under ``event``.

    Raises:
        DataError: the file is broken or cannot be read.
    """
    if not present(path):
        return []
    text = read_text(path, LARGEST)
    lines = text[: text.rfind("\n") + 1].split("\n")[:-1]
    return [_checked(line, path, number) for number, line in enumerate(lines, start=1)]


def _checked(line: str, path: Path, number: int) -> dict[str, Any]:
    value = parsed(line, str(path), number)
    kind = value.get("event") if isinstance(value, dict) else None
    fields = _FIELDS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        known = " or ".join(_FIELDS)
        raise DataError(f"{path}:{number}: 'event' must be {known}; the file is broken")
    for name, fits in fields.items():
        if name not in value:
            raise DataError(f"{path}:{number}: {name!r} is missing; the file is broken")
        if not fits(value[name]):
            shown = str(value[name])[:60]
            raise DataError(f"{path}:{number}: {name!r} cannot be {shown!r}; the file is broken")
    return {"event": kind, **{name: value[name] for name in fields}}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_count_or_null(value: object) -> bool:
    return value is None or is_count(value)


def _are_counts(value: object) -> bool:
    return isinstance(value, dict) and all(map(is_count, value.values()))


def _is_factor(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


_FIELDS: dict[str, dict[str, Callable[[object], bool]]] = {
    "run_started": {
        "name": _is_text,
        "epochs": is_count,
        "steps": is_count,
        "samples": _are_counts,
        "parameters": is_count,
        "monitor": _is_text,
        "patience": _is_count_or_null,
        "epoch": is_count,
        "step": is_count,
    },
    "restarted": {
        "reason": _is_text,
        "epoch": is_count,
        "lr_factor": _is_factor,
        "attempt": is_count,
        "attempts": is_count,
    },
}
"""The events and their fields; others are ignored, as a newer version may write them."""
