"""Sweeps whose trials take milliseconds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SPEC: dict[str, Any] = {
    "name": "small",
    "seed": 3,
    "params": {"units": 8},
    "data": {
        "source": {"blobs": {"samples": 110, "noise": 2.0}},
        "split": {"validation": 0.2, "test": 0.2},
        "preprocess": ["standardize"],
        "batch_size": 16,
    },
    "model": [{"dense": "${units}"}, "relu", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "optimizer": {"adam": {"lr": 0.01}},
    "epochs": 4,
}

SWEEP: dict[str, Any] = {
    "name": "search",
    "spec": SPEC,
    "search": {"random": {"trials": 6}},
    "objective": {"minimize": "validation.loss"},
    "space": {
        "optimizer.adam.lr": {"log_uniform": [1e-3, 1e-1]},
        "params.units": [4, 8, 16],
    },
}


def write_sweep(folder: Path, file: str = "sweep.yaml", **keys: Any) -> Path:
    """The sweep with other top-level keys, as a file; JSON is YAML."""
    path = folder / file
    found = {**SWEEP, **keys}
    if "objectives" in keys:
        del found["objective"]
    text = json.dumps(found, indent=2)
    path.write_text(text.replace("Infinity", ".inf").replace("NaN", ".nan"))
    return path


def journal(study: Path) -> list[dict[str, Any]]:
    """The whole records of a study; none before it has begun."""
    file = study / "journal.jsonl"
    if not file.exists():
        return []
    text = file.read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
