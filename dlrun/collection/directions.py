"""Whether lower or higher is better for a score, by its name alone.

The classes of the metrics know it, but importing them takes longer than listing 10,000 runs; a test
compares this table with them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from dlrun.collection.states import Mode

HIGHER = (
    "accuracy",
    "average_precision",
    "balanced_accuracy",
    "f1",
    "precision",
    "r2",
    "recall",
    "roc_auc",
    "top_k",
)
"""Metrics of which higher is better; for a loss and all other metrics lower is better."""


def direction(score: str) -> Mode:
    """Whether lower or higher is better.

    Args:
        score: such as ``validation.accuracy``, or with its settings ``validation.top_k_3``.
    """
    metric = score.rpartition(".")[2] if "." in score else score
    known = any(metric == name or metric.startswith(f"{name}_") for name in HIGHER)
    return "max" if known else "min"


def monitored(spec: Mapping[str, Any], scores: Mapping[str, Any]) -> tuple[str | None, Mode]:
    """The score that determines the best epoch of a run, and its direction.

    Args:
        spec: values by dotted key.
        scores: by name, of an epoch; empty before the first.
    """
    named, mode = spec.get("early_stopping.monitor"), spec.get("early_stopping.mode")
    if isinstance(named, str):
        return named, mode if mode in ("min", "max") else direction(named)
    for score in ("validation.loss", "train.loss"):
        if score in scores:
            return score, "min"
    return None, "min"


def needed(spec: Mapping[str, Any]) -> tuple[float, float | None]:
    """What counts as an improvement: the smallest change, and a value to beat before, if any.

    Args:
        spec: values by dotted key.
    """
    change, baseline = spec.get("early_stopping.min_delta"), spec.get("early_stopping.baseline")
    return (
        change if isinstance(change, int | float) else 0.0,
        baseline if isinstance(baseline, int | float) and not math.isnan(baseline) else None,
    )
