"""A run directory as an entry; its files are read, nothing is written or run."""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dlrun.collection.directions import monitored, needed
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.states import Mode, State
from dlrun.run_directory import identity, metrics
from dlrun.run_directory.access import present
from dlrun.run_directory.improvement import best_epoch
from dlrun.run_directory.lock import held
from dlrun.run_directory.result import read_result
from dlrun.run_directory.run_times import created, last_written
from dlrun.run_directory.spec_keys import read_keys
from dlrun.run_directory.tags import FILE as TAGS
from dlrun.run_directory.tags import read_tags
from dlrun.run_directory.usable import usable

FILES = ("resolved.yaml", "environment.json", "result.json", "metrics.csv", TAGS)
"""The files that an entry is made from."""

_NOT_SCORES = ("epoch", "step", "seconds", "lr")
"""Columns of metrics.csv that are not scores."""


def read_run(directory: str, study: str | None = None, fold: int | None = None) -> RunEntry:
    """The entry of a run.

    Args:
        directory: of the run.
        study: directory of its study, if it is a run of a trial.
        fold: its number from 1, if it is a fold of a cross-validation.

    Raises:
        DataError: a file is broken.
    """
    path = Path(directory)
    spec = read_keys(path / "resolved.yaml")
    ended = present(path / "result.json")
    result = read_result(path / "result.json") if ended else {}
    rows = metrics.read_columns(path / "metrics.csv") if _has_rows(path) else {}
    tags = read_tags(path)
    trained = len(next(iter(rows.values()), ()))
    folds = len(result["folds"]) if "folds" in result else 0
    if not ended and fold is None and present(path / "fold-1"):
        folds = _whole(spec.get("data.split.folds")) or 1
    scores = {name: values for name, values in rows.items() if name not in _NOT_SCORES}
    kept = _kept(result, trained)
    last = {name: values[kept - 1] for name, values in scores.items() if kept}
    final = {name: usable(each) for name, each in {**last, **result.get("metrics", {})}.items()}
    monitor, mode = monitored(spec, final)
    best, at = _best(result, scores.get(monitor or "", ()), mode, spec)
    if "folds" in result:
        best = _best_of_folds(path, result["folds"], monitor or "", mode, spec)
    state = _state(path, result, trained, folds)
    name, identifier = path.parent.name, path.name
    if fold is not None:
        name, identifier = path.parent.parent.name, f"{path.parent.name}/{path.name}"
    called, trial = spec.get("name"), identity.trial_of(path.name) if study else None
    return RunEntry(
        directory=directory,
        name=called if isinstance(called, str) else name,
        id=identifier,
        state=state,
        created=created(path, fold),
        ended=None if state == "running" else last_written(directory),
        trained=trained,
        planned=_whole(spec.get("epochs")),
        monitor=monitor,
        mode=mode,
        best=best,
        best_epoch=at,
        metrics=final,
        tags=tags.tags,
        note=tags.note,
        spec=spec,
        seconds=result.get("seconds"),
        folds=folds,
        study=study,
        trial=None if trial is None else trial[0],
        repeat=None if trial is None else trial[1],
        fold=fold,
    )


def ended_state(result: Mapping[str, Any]) -> State | None:
    """How a run is that has this result; None for an empty one."""
    match result.get("status"):
        case "completed":
            ended_by = result.get("ended_by") or {}
            return "early-stopped" if ended_by.get("kind") == "patience" else "done"
        case "stopped":
            return "stopped"
        case "diverged":
            return "diverged"
    return None


def _state(path: Path, result: Mapping[str, Any], trained: int, folds: int) -> State:
    if (state := ended_state(result)) is not None:
        return state
    if held(path) or any(held(path / f"fold-{fold}") for fold in range(1, folds + 1)):
        return "running"
    return "killed" if trained or folds else "failed"


def _kept(result: Mapping[str, Any], trained: int) -> int:
    """The epoch of the weights that were kept; the last one for an unfinished run."""
    best = result.get("best_epoch", 0) if result.get("weights") == "best" else 0
    return best if 0 < best <= trained else trained


def _best(
    result: Mapping[str, Any], values: Sequence[float], mode: Mode, spec: Mapping[str, Any]
) -> tuple[float | None, int | None]:
    epoch = result.get("best_epoch", 0) if result else best_epoch(values, mode, *needed(spec))
    if not 0 < epoch <= len(values):
        sign = 1.0 if mode == "min" else -1.0
        known = [
            (sign * value, epoch)
            for epoch, value in enumerate(values, start=1)
            if math.isfinite(value)
        ]
        if not known:
            return None, None
        epoch = min(known)[1]
    return usable(values[epoch - 1]), epoch


def _best_of_folds(
    path: Path,
    folds: Sequence[Mapping[str, Any]],
    monitor: str,
    mode: Mode,
    spec: Mapping[str, Any],
) -> float | None:
    """The mean of the best values of the completed folds; None unless all of them are known."""
    found = []
    for number, fold in enumerate(folds, start=1):
        if fold.get("status", "completed") != "completed":
            continue
        directory = path / f"fold-{number}"
        there = not directory.is_symlink() and _has_rows(directory)
        rows = metrics.read_columns(directory / "metrics.csv") if there else {}
        epoch = {"best_epoch": _whole(fold.get("best_epoch")) or 0}
        best, _ = _best(epoch, rows.get(monitor, ()), mode, spec)
        if best is None:
            return None
        found.append(best)
    return math.fsum(found) / len(found) if found else None


def _has_rows(path: Path) -> bool:
    """Whether metrics.csv has anything in it; a killed process may leave it empty."""
    try:
        status = os.lstat(path / "metrics.csv")
    except OSError:
        return False
    return status.st_size > 0 or not stat.S_ISREG(status.st_mode)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
