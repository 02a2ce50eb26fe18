"""Targets that are yes or no at every output: two classes told apart by one output, or labels."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.target import Target
from dlrun.spec.fields import Positive

PerLabel = Positive | Annotated[tuple[Positive, ...], Field(min_length=1)]
"""One number for all labels, or one for each."""


def need_yes_or_no(
    kind: str, output: Shape, target: Target, classes: str = "cross_entropy"
) -> None:
    """Check that there is one output for two classes, or one a label.

    Args:
        kind: the loss.
        output: shape of a sample of the network's output.
        target: what it is to say.
        classes: the loss to advise where there are more of them.

    Raises:
        ShapeError: there is not, or the target is of another kind.
    """
    if target.task == "regression" or target.classes is None:
        raise ShapeError(f"{kind} needs classes, but the target is a number; use mse")
    if target.task == "multi_label":
        if output != target.shape:
            raise ShapeError(f"{kind} needs {target.shape}, one output a label, got {output}")
        return
    if target.classes != 2:
        raise ShapeError(f"{kind} needs 2 classes, the data has {target.classes}; use {classes}")
    if output != (*target.shape, 1):
        raise ShapeError(f"{kind} needs {(*target.shape, 1)}, got {output}")


def need_per_label(kind: str, field: str, value: PerLabel | None, labels: int) -> None:
    """Check that a list has a number for each label.

    Raises:
        ShapeError: it has not.
    """
    if isinstance(value, tuple) and len(value) != labels:
        outputs = "label" if labels == 1 else "labels"
        raise ShapeError(f"{kind} has {len(value)} '{field}' for {labels} {outputs}; give one each")


def positives(target: Target) -> list[float]:
    """Share of the second class, as the only item, or of each label among the samples."""
    outputs = 1 if target.task == "classification" else target.shape[-1]
    total, count = np.zeros(outputs), 0
    for values in target.stretches():
        rows = values.reshape(-1, outputs)
        total, count = total + rows.sum(axis=0, dtype=np.float64), count + len(rows)
    found: list[float] = (total / count).tolist()
    return found


def yes_or_no(x: Array, targets: Array) -> Array:
    """Targets in the shape of the outputs, from 0 (no) to 1 (yes).

    Args:
        x: (batch, ..., 1) for two classes, (batch, labels) for labels.
        targets: (batch, ...) codes of two classes, (batch, ..., 2) shares of them, or
            (batch, labels).
    """
    if targets.ndim < x.ndim:
        return targets[..., None]
    return targets[..., 1:] if x.shape[-1] == 1 and targets.shape[-1] == 2 else targets
