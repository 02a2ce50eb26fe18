"""Run directories that are written in a millisecond, without a training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dlrun.run_directory.directory import RunDirectory
from dlrun.spec.resolved import to_yaml

ENDINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "done": ("completed", {"kind": "epochs", "number": 2}),
    "early-stopped": ("completed", {"kind": "patience", "number": 2}),
    "stopped": ("stopped", {"kind": "signal", "number": 15}),
    "diverged": ("diverged", {"kind": "diverged", "number": None}),
}


def write_run(
    path: Path,
    losses: tuple[float, ...] = (0.5, 0.4),
    *,
    ending: str | None = "done",
    lr: float = 0.01,
    time: str = "2026-11-01T12:00:00Z",
    **spec: Any,
) -> Path:
    """Write a run.

    Args:
        path: its directory.
        losses: of the validation set, one per epoch.
        ending: a key of ``ENDINGS``; None for a run without a result.
        lr: of adam.
        time: when it began.
        spec: further keys of the spec.
    """
    run = RunDirectory.make(path)
    spec = {
        "name": path.parent.name,
        "seed": 0,
        "optimizer": {"adam": {"lr": lr}},
        "early_stopping": None,
        "epochs": 2,
        **spec,
    }
    run.write_resolved(to_yaml(spec))
    run.write_environment({"time": time})
    for epoch, loss in enumerate(losses, start=1):
        scores = {"train.loss": loss / 2, "validation.loss": loss, "validation.accuracy": 1 - loss}
        run.append_metrics({"epoch": epoch, "step": 5 * epoch, "seconds": 0.1, "lr": lr, **scores})
    if ending is not None:
        status, ended_by = ENDINGS[ending]
        best = min(range(len(losses)), key=lambda each: losses[each]) + 1 if losses else 0
        metrics = {"validation.loss": losses[-1] if losses else None}
        run.finish(
            {
                "status": status,
                "ended_by": ended_by,
                "reason": "for a test",
                "epochs": len(losses),
                "best_epoch": best,
                "weights": "last",
                "metrics": metrics,
                "seconds": 0.2,
            }
        )
    return path


def write_folds(
    path: Path, folds: Sequence[tuple[float, ...]], *, ended: bool = True, **spec: Any
) -> Path:
    """Write a cross-validation.

    Args:
        path: its directory.
        folds: losses of the validation set by epoch, of each fold.
        ended: whether it has a result.
        spec: further keys of the spec.
    """
    run = RunDirectory.make(path)
    split = {"validation": 0.2, "folds": len(folds)}
    spec = {"name": path.parent.name, "seed": 0, "epochs": 2, "data": {"split": split}, **spec}
    run.write_resolved(to_yaml(spec))
    run.write_environment({"time": "2026-11-01T12:00:00Z"})
    for number, losses in enumerate(folds, start=1):
        keys = {**spec, "data": {"split": {**split, "fold": number}}}
        write_run(path / f"fold-{number}", losses, **keys)
    if ended:
        mean = sum(losses[-1] for losses in folds) / len(folds)
        run.finish(
            {
                "status": "completed",
                "reason": f"all {len(folds)} folds are done",
                "seconds": 0.2,
                "metrics": {"validation.loss": mean},
                "folds": [{"metrics": {"validation.loss": losses[-1]}} for losses in folds],
            }
        )
    return path
