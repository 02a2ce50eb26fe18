"""Losses with their gradients; all are means over the batch."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.reference.softmax import softmax

__all__ = ["sigmoid_cross_entropy", "softmax", "softmax_cross_entropy", "squared_error"]


def softmax_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -log softmax(x)[target].

    Args:
        x: (batch, classes), before softmax.
        targets: (batch,), the class of each row.
        dx: (batch, classes), written: (softmax(x) - one_hot(targets)) / batch.
    """
    rows = np.arange(len(x))
    shifted = x - x.max(axis=-1, keepdims=True)
    log_sum = np.log(np.exp(shifted).sum(axis=-1))
    if dx is not None:
        np.exp(shifted - log_sum[:, None], out=dx)
        dx[rows, targets] -= 1
        dx /= len(x)
    return float((log_sum - shifted[rows, targets]).mean(dtype=np.float64))


def sigmoid_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid, over batch and outputs.

    Args:
        x: (batch, outputs), before the sigmoid.
        targets: (batch, outputs), 0 or 1.
        dx: (batch, outputs), written: (s(x) - t) / (batch outputs).
    """
    if dx is not None:
        dx[...] = (0.5 * (1 + np.tanh(0.5 * x)) - targets) / x.size
    # log(1 + exp(x)) - t x, in a form that no x overflows
    loss = np.maximum(x, 0) - x * targets + np.log1p(np.exp(-np.abs(x)))
    return float(loss.mean(dtype=np.float64))


def squared_error(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of (x - t)^2 over batch and outputs; dx = 2 (x - t) / (batch outputs)."""
    error = x - targets
    if dx is not None:
        np.multiply(error, 2 / x.size, out=dx)
    return float(np.square(error).mean(dtype=np.float64))
