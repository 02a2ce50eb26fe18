"""Binary targets: one output for two classes, or one output per label."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.losses.class_weights import NOT_CLASSES
from dlrun.nn.target import Target
from dlrun.spec.fields import Positive

PerLabel = Positive | Annotated[tuple[Positive, ...], Field(min_length=1)]
"""One value for all labels, or one per label."""


def need_yes_or_no(
    kind: str, output: Shape, target: Target, classes: str = "cross_entropy"
) -> None:
    """Check that there is one output for two classes, or one per label.

    Args:
        kind: the loss.
        output: shape of a sample of the network's output.
        target: the targets that it has to predict.
        classes: the loss to recommend for more than two classes.

    Raises:
        ShapeError: the shapes do not fit, or the targets are of another kind.
    """
    if target.task == "regression" or target.classes is None:
        raise ShapeError(f"{kind} {NOT_CLASSES}")
    if target.task == "multi_label":
        if output != target.shape:
            raise ShapeError(f"{kind} needs {target.shape}, one output per label, got {output}")
        return
    if target.classes != 2:
        raise ShapeError(f"{kind} needs 2 classes, the data has {target.classes}; use {classes}")
    if output != (*target.shape, 1):
        raise ShapeError(f"{kind} needs {(*target.shape, 1)}, got {output}")


def need_per_label(kind: str, field: str, value: PerLabel | None, labels: int) -> None:
    """Check that a list has one value per label.

    Raises:
        ShapeError: its length is wrong.
    """
    if isinstance(value, tuple) and len(value) != labels:
        outputs = "label" if labels == 1 else "labels"
        raise ShapeError(f"{kind} has {len(value)} '{field}' for {labels} {outputs}; give one each")


def positives(target: Target) -> list[float]:
    """Fraction of samples in the second class, as the only item, or with each label."""
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
        x: (batch, ..., 1) for two classes, (batch, labels) for multi-label.
        targets: (batch, ...) codes of two classes, (batch, ..., 2) their probabilities, or (batch,
            labels).
    """
    if targets.ndim < x.ndim:
        return targets[..., None]
    return targets[..., 1:] if x.shape[-1] == 1 and targets.shape[-1] == 2 else targets
