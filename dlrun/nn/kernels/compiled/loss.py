"""Losses with their gradients: see ``reference.loss``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.loss import sigmoid_cross_entropy, softmax, squared_error

__all__ = ["sigmoid_cross_entropy", "softmax", "softmax_cross_entropy", "squared_error"]


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
