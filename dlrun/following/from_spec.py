"""What the resolved spec of a run determines: its plan, and the choice of its best epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlrun.collection.directions import direction, monitored, needed
from dlrun.training.events import RunStarted
from dlrun.training.monitor import Monitor


def assumed_start(
    name: str, spec: Mapping[str, Any], rows: Sequence[Mapping[str, float]]
) -> RunStarted:
    """The start of a run of an older version, which has no starts.jsonl."""
    monitor, _ = monitored(spec, rows[0] if rows else {})
    patience = spec.get("early_stopping.patience")
    epochs = spec.get("epochs")
    return RunStarted(
        name=name,
        epochs=epochs if isinstance(epochs, int) else len(rows),
        steps=int(rows[0]["step"]) if rows else 0,
        samples={},
        parameters=0,
        monitor=monitor or "train.loss",
        patience=patience if isinstance(patience, int) else None,
    )


def monitor_of(spec: Mapping[str, Any], start: RunStarted) -> Monitor:
    """The choice of the best epoch, before the first one."""
    mode, first = spec.get("early_stopping.mode"), spec.get("early_stopping.start_epoch")
    min_delta, baseline = needed(spec)
    return Monitor(
        mode=mode if mode in ("min", "max") else direction(start.monitor),
        patience=start.patience,
        min_delta=min_delta,
        baseline=baseline,
        start_epoch=int(first) if isinstance(first, int | float) else 0,
    )
