"""result.json: how a run ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from dlrun.errors import DataError
from dlrun.runs import legacy
from dlrun.runs.ending import Ending, Status
from dlrun.runs.json_text import read_object

STATUSES = get_args(Status)


def read_result(path: Path) -> dict[str, Any]:
    """What the file holds: of a run, or of a cross-validation, which has no weights of its own.

    Raises:
        DataError: it is missing or broken, or lacks a key.
    """
    found = read_object(path)
    of_folds = "folds" in found
    rules = _OF_ALL if of_folds else {**_OF_ALL, **_OF_A_RUN}
    for key, (rule, expected) in rules.items():
        if key not in found:
            raise DataError(f"{path}: '{key}' is missing; the file is broken")
        if not rule(found[key]):
            said = repr(found[key])[:40]
            raise DataError(f"{path}: '{key}' must be {expected}, got {said}; the file is broken")
    if of_folds:
        return found
    if "ended_by" not in found:
        before = legacy.ending_of(found["status"], found["reason"], found["epochs"])
        found["ended_by"] = None if before is None else asdict(before)
        if before is None:
            return found
    ended_by = Ending.read(found["ended_by"])
    if ended_by is None or ended_by.status != found["status"]:
        said = repr(found["ended_by"])[:80]
        raise DataError(
            f"{path}: 'ended_by' must be how a run ends that is {found['status']}, got {said}; the "
            "file is broken"
        )
    return found


def ending(result: Mapping[str, Any]) -> Ending | None:
    """How a run ended whose ``result.json`` was read; None where an old one does not tell."""
    return Ending.read(result["ended_by"])


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
