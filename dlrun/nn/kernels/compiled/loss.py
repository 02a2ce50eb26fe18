"""Losses with their gradients: see ``reference.loss``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.loss import (
    absolute_error,
    binary_focal,
    binary_hinge,
    focal,
    hinge,
    huber,
    kl_divergence,
    sigmoid_cross_entropy,
    squared_error,
    weighted_sigmoid_cross_entropy,
)

__all__ = [
    "absolute_error",
    "binary_focal",
    "binary_hinge",
    "focal",
    "hinge",
    "huber",
    "kl_divergence",
    "sigmoid_cross_entropy",
    "soft_cross_entropy",
    "softmax_cross_entropy",
    "squared_error",
    "weighted_sigmoid_cross_entropy",
]


def softmax_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -log softmax(x)[target]; dx = (softmax(x) - one_hot(targets)) / batch."""
    loss: float = _softmax_cross_entropy(x, targets, x if dx is None else dx, dx is not None)
    return loss


@kernel
def _softmax_cross_entropy(x: Array, targets: Array, dx: Array, slope: bool) -> float:
    rows, classes = x.shape
    share = x.dtype.type(1.0 / rows)
    exps = np.empty(classes, x.dtype)
    total = 0.0
    for i in range(rows):
        largest = x[i, 0]
        for c in range(1, classes):
            largest = max(largest, x[i, c])
        added = x.dtype.type(0)
        for c in range(classes):
            exps[c] = np.exp(x[i, c] - largest)
            added += exps[c]
        total += np.log(added) - (x[i, targets[i]] - largest)
        if slope:
            factor = share / added
            for c in range(classes):
                dx[i, c] = exps[c] * factor
            dx[i, targets[i]] -= share
    mean: float = total / rows
    return mean


def soft_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -sum_c t_c log softmax(x)_c; dx = (sum(t) softmax(x) - t) / rows."""
    loss: float = _soft_cross_entropy(x, targets, x if dx is None else dx, dx is not None)
    return loss


@kernel
def _soft_cross_entropy(x: Array, targets: Array, dx: Array, slope: bool) -> float:
    rows, classes = x.shape
    share = x.dtype.type(1.0 / rows)
    exps = np.empty(classes, x.dtype)
    total = 0.0
    for i in range(rows):
        largest = x[i, 0]
        for c in range(1, classes):
            largest = max(largest, x[i, c])
        added = x.dtype.type(0)
        weight = x.dtype.type(0)
        for c in range(classes):
            exps[c] = np.exp(x[i, c] - largest)
            added += exps[c]
            weight += targets[i, c]
        log_sum = np.log(added)
        for c in range(classes):
            total += targets[i, c] * (log_sum - (x[i, c] - largest))
        if slope:
            factor = weight * share / added
            for c in range(classes):
                dx[i, c] = exps[c] * factor - targets[i, c] * share
    mean: float = total / rows
    return mean
