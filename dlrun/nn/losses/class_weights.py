"""Weights of classes and shares of a sample among them, for the losses of classes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.target import Target
from dlrun.spec.fields import NonNegative

Weights = Annotated[tuple[NonNegative, ...], Field(min_length=1)] | Literal["balanced"]
"""A weight for each class in the order of the classes, or ``balanced``."""


def balanced(target: Target) -> tuple[float, ...]:
    """n / (k n_c) for each of the k classes that occur; 1 for a class that does not.

    King & Zeng, "Logistic regression in rare events data", Political Analysis 9, 2001.  Every
    class has the same weight in sum, and the mean over the samples is 1.
    """
    assert target.classes is not None
    counts = np.zeros(target.classes, np.int64)
    for codes in target.stretches():
        counts += np.bincount(codes.reshape(-1), minlength=target.classes)
    found = np.count_nonzero(counts)
    weights = np.where(counts > 0, counts.sum() / (found * np.maximum(counts, 1)), 1.0)
    return tuple(weights.tolist())


def need_classes(
    kind: str, output: Shape, target: Target, labels: str = "binary_cross_entropy"
) -> int:
    """Check that there is an output for each class; how many classes there are.

    Args:
        kind: the loss.
        output: shape of a sample of the network's output.
        target: what it is to say.
        labels: the loss to advise where the data has labels, or there is one output for two
            classes.

    Raises:
        ShapeError: the target is none of classes, or the shapes do not fit.
    """
    if target.task == "regression" or target.classes is None:
        raise ShapeError(f"{kind} needs classes, but the target is a number; use mse")
    if target.task == "multi_label":
        raise ShapeError(f"{kind} needs one class a sample, the data has labels; use {labels}")
    wanted = (*target.shape, target.classes)
    if output == (*target.shape, 1) and target.classes == 2:
        raise ShapeError(
            f"{kind} needs {wanted}, one output a class, got {output}; use {labels} for one output"
        )
    if output != wanted:
        raise ShapeError(f"{kind} needs {wanted}, one output a class, got {output}")
    return target.classes


def need_weights(kind: str, field: str, weights: Weights | None, classes: int) -> None:
    """Check that there is a weight for each class.

    Raises:
        ShapeError: there is not, or all of them are 0.
    """
    if weights is None or weights == "balanced":
        return
    if len(weights) != classes:
        raise ShapeError(
            f"{kind} has {len(weights)} '{field}' for {classes} classes; give one each"
        )
    if not any(weights):
        raise ShapeError(f"{kind} has only 0 as '{field}', which leaves nothing to learn")


def weight_table(classes: int, weights: Weights | None, smoothing: float = 0.0) -> Array:
    """(classes, classes): in row t what a sample of class t counts for each class."""
    assert weights != "balanced"
    shares = (1.0 - smoothing) * np.eye(classes) + smoothing / classes
    return shares if weights is None else shares * np.array(weights)


def shares(x: Array, targets: Array, table: Array) -> tuple[Array, Callable[[], object]]:
    """What every output of a batch counts: an array, and the function that fills it.

    Args:
        x: (batch, ..., classes), the outputs.
        targets: (batch, ...) codes of classes, or (batch, ..., classes) shares of them.
        table: of ``weight_table``.

    Returns:
        (rows, classes) in the type of x, rows being all axes of x but the last as one.
    """
    classes = x.shape[-1]
    filled = np.empty((x.size // classes, classes), x.dtype)
    rows = table.astype(x.dtype)
    if targets.ndim == x.ndim:
        given = targets.reshape(filled.shape)
        return filled, lambda: np.matmul(given, rows, out=filled)
    codes = targets.reshape(-1)
    return filled, lambda: np.take(rows, codes, axis=0, out=filled, mode="clip")
