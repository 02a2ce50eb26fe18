"""Class weights and soft targets, for classification losses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.target import Target
from dlrun.spec.fields import NonNegative

ClassWeights = Annotated[tuple[NonNegative, ...], Field(min_length=1)] | Literal["balanced"]
"""One weight per class, in the order of the classes, or ``balanced``."""


def balanced(target: Target) -> tuple[float, ...]:
    """n / (k n_c) for each of the k classes that occur; 1 for a class without samples.

    King & Zeng, "Logistic regression in rare events data", Political Analysis 9, 2001.  Every class
    has the same total weight, and the mean over the samples is 1.
    """
    assert target.classes is not None
    counts = np.zeros(target.classes, np.int64)
    for codes in target.stretches():
        counts += np.bincount(codes.reshape(-1), minlength=target.classes)
    found = np.count_nonzero(counts)
    weights = np.where(counts > 0, counts.sum() / (found * np.maximum(counts, 1)), 1.0)
    return tuple(weights.tolist())


NOT_CLASSES = (
    "needs classes, but the target is a number; use mse, or set data.source.task to classification "
    "if the numbers are classes"
)
"""The error for targets of a regression, and what to do."""


def need_classes(
    kind: str, output: Shape, target: Target, labels: str = "binary_cross_entropy"
) -> int:
    """Check that there is one output per class; return the number of classes.

    Args:
        kind: the loss.
        output: shape of a sample of the network's output.
        target: the targets that it has to predict.
        labels: the loss to recommend for multi-label targets, or for one output for two classes.

    Raises:
        ShapeError: the targets are not classes, or the shapes do not fit.
    """
    if target.task == "regression" or target.classes is None:
        raise ShapeError(f"{kind} {NOT_CLASSES}{_one_hot(output, target)}")
    if target.task == "multi_label":
        raise ShapeError(
            f"{kind} needs one class per sample, but the targets are multi-label; use {labels}"
        )
    wanted = (*target.shape, target.classes)
    if output == (*target.shape, 1) and target.classes == 2:
        raise ShapeError(
            f"{kind} needs {wanted}, one output per class, got {output}; "
            f"use {labels} for one output"
        )
    if output != wanted:
        hint = _one_hot(output, target) if target.classes == 2 else ""
        raise ShapeError(f"{kind} needs {wanted}, one output per class, got {output}{hint}")
    return target.classes


def _one_hot(output: Shape, target: Target) -> str:
    """Advice if the targets may be one-hot, with one value for each output."""
    if output != target.shape or target.shape[-1:] in ((), (1,)):
        return ""
    return "; if the targets are one-hot, store the classes: y.argmax(axis=-1)"


def need_weights(kind: str, field: str, weights: ClassWeights | None, classes: int) -> None:
    """Check that there is one weight per class.

    Raises:
        ShapeError: the number of weights is wrong, or all of them are 0.
    """
    if weights is None or weights == "balanced":
        return
    if len(weights) != classes:
        raise ShapeError(
            f"{kind} has {len(weights)} '{field}' for {classes} classes; give one each"
        )
    if not any(weights):
        raise ShapeError(f"{kind} has only 0 as '{field}', so there is nothing to learn")


def weight_table(classes: int, weights: ClassWeights | None, smoothing: float = 0.0) -> Array:
    """(classes, classes): row t has the factors of all -log p for a sample of class t."""
    assert weights != "balanced"
    shares = (1.0 - smoothing) * np.eye(classes) + smoothing / classes
    return shares if weights is None else shares * np.array(weights)


def shares(x: Array, targets: Array, table: Array) -> tuple[Array, Callable[[], object]]:
    """The factors of -log p for a batch: an array, and the function that fills it.

    Args:
        x: (batch, ..., classes), the outputs.
        targets: (batch, ...) class codes, or (batch, ..., classes) class probabilities.
        table: see ``weight_table``.

    Returns:
        (rows, classes) in the dtype of x; all axes of x except the last are flattened to rows.
    """
    classes = x.shape[-1]
    filled = np.empty((x.size // classes, classes), x.dtype)
    rows = table.astype(x.dtype)
    if targets.ndim == x.ndim:
        given = targets.reshape(filled.shape)
        return filled, lambda: np.matmul(given, rows, out=filled)
    codes = targets.reshape(-1)
    return filled, lambda: np.take(rows, codes, axis=0, out=filled, mode="clip")
