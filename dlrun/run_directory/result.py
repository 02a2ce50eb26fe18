"""result.json: how a run ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from dlrun.errors import DataError
from dlrun.run_directory import legacy
from dlrun.run_directory.counts import is_count
from dlrun.run_directory.ending import Ending, Status
from dlrun.run_directory.json_text import read_object
from dlrun.run_directory.not_a_run import not_one_training

STATUSES = get_args(Status)


def read_result(path: Path) -> dict[str, Any]:
    """The content of the file: of a run, or of a cross-validation, which has no weights.

    Raises:
        DataError: it is missing or broken, or lacks a key.
    """
    return checked_result(read_object(path), str(path))


def checked_result(found: dict[str, Any], path: str) -> dict[str, Any]:
    """The content of such a file, from an untrusted source.

    Args:
        found: the JSON object.
        path: the file, for messages.

    Raises:
        DataError: it is broken, or lacks a key.
    """
    of_folds = "folds" in found
    rules = {**_OF_ALL, **(_OF_FOLDS if of_folds else _OF_A_RUN)}
    for key, (rule, expected) in rules.items():
        if key not in found:
            raise DataError(f"{path}: '{key}' is missing; the file is broken")
        if not rule(found[key]):
            shown = repr(found[key])[:40]
            raise DataError(f"{path}: '{key}' must be {expected}, got {shown}; the file is broken")
    if of_folds:
        return found
    restarts = found.setdefault("restarts", [])  # versions up to 0.2 did not write them
    if not isinstance(restarts, list) or not all(map(_is_restart, restarts)):
        raise DataError(f"{path}: 'restarts' must be a list of restarts; the file is broken")
    if "ended_by" not in found:
        before = legacy.ending_of(found["status"], found["reason"], found["epochs"])
        found["ended_by"] = None if before is None else asdict(before)
        if before is None:
            return found
    ended_by = Ending.read(found["ended_by"])
    if ended_by is None or ended_by.status != found["status"]:
        shown = repr(found["ended_by"])[:80]
        raise DataError(
            f"{path}: 'ended_by' must be an ending with status {found['status']}, got {shown}; the "
            "file is broken"
        )
    return found


def of_a_training(result: dict[str, Any], path: Path) -> dict[str, Any]:
    """The result of a training, not of a cross-validation.

    Args:
        result: the content of the file.
        path: the run directory.

    Raises:
        DataError: it is that of a cross-validation.
    """
    if "folds" in result:
        raise not_one_training(path)
    return result


def need_an_epoch(result: Mapping[str, Any], path: Path) -> None:
    """Check that a run without weights was trained long enough to have some.

    Args:
        result: the content of the file, of a training.
        path: the run directory.

    Raises:
        DataError: it ended in its first epoch.
    """
    if not result["epochs"]:
        how = "diverged" if result["status"] == "diverged" else "ended"
        raise DataError(
            f"{path}: has no weights: it {how} before the end of its first epoch; dlrun show has "
            "the reason"
        )


def ending(result: Mapping[str, Any]) -> Ending | None:
    """How a run ended, from its ``result.json``; None if an old one does not contain it."""
    return Ending.read(result["ended_by"])


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scores(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        each is None or _is_number(each) for each in value.values()
    )


def _are_folds(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(fold, Mapping) and _is_scores(fold.get("metrics", {})) for fold in value
    )


def _is_restart(value: Any) -> bool:
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("reason"), str)
        and is_count(value.get("epoch"))
        and _is_number(value.get("lr_factor"))
    )


_Rules = Mapping[str, tuple[Callable[[Any], bool], str]]

_OF_ALL: _Rules = {
    "status": (lambda value: value in STATUSES, f"one of {', '.join(STATUSES)}"),
    "reason": (lambda value: isinstance(value, str), "a text"),
    "seconds": (_is_number, "a number"),
    "metrics": (_is_scores, "scores by name"),
}
_OF_FOLDS: _Rules = {"folds": (_are_folds, "a list with the scores of each fold")}
_OF_A_RUN: _Rules = {
    "epochs": (is_count, "a count"),
    "best_epoch": (is_count, "a count"),
    "weights": (lambda value: value in ("best", "last"), "best or last"),
}
