"""result.json: how a run ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.runs.json_text import read_object

STATUSES = ("completed", "stopped", "diverged")


def read_result(path: Path) -> dict[str, Any]:
    """What the file holds: of a run, or of a cross-validation, which has no weights of its own.

    Raises:
        DataError: it is missing or broken, or lacks a key.
    """
    found = read_object(path)
    rules = _OF_ALL if "folds" in found else {**_OF_ALL, **_OF_A_RUN}
    for key, (rule, expected) in rules.items():
        if key not in found:
            raise DataError(f"{path}: '{key}' is missing; the file is broken")
        if not rule(found[key]):
            said = repr(found[key])[:40]
            raise DataError(f"{path}: '{key}' must be {expected}, got {said}; the file is broken")
    return found


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scores(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        each is None or _is_number(each) for each in value.values()
    )


_Rules = Mapping[str, tuple[Callable[[Any], bool], str]]

_OF_ALL: _Rules = {
    "status": (lambda value: value in STATUSES, f"one of {', '.join(STATUSES)}"),
    "reason": (lambda value: isinstance(value, str), "a text"),
    "seconds": (_is_number, "a number"),
}
_OF_A_RUN: _Rules = {
    "epochs": (_is_count, "a count"),
    "best_epoch": (_is_count, "a count"),
    "weights": (lambda value: value in ("best", "last"), "best or last"),
    "metrics": (_is_scores, "scores by name"),
}
