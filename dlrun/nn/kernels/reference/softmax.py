"""Softmax over the last axis, and its derivative."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def softmax(x: Array, y: Array) -> None:
    """y = exp(x) / sum(exp(x)) over the last axis; the largest is subtracted first.

    Args:
        x: (rows, n).
        y: (rows, n), written; can be x.
    """
    np.subtract(x, x.max(axis=-1, keepdims=True), out=y)
    np.exp(y, out=y)
    y /= y.sum(axis=-1, keepdims=True)


def softmax_backward(y: Array, dy: Array, dx: Array) -> None:
    """dx = y (dy - sum(dy y)); dx can be dy."""
    np.multiply(y, dy - (dy * y).sum(axis=-1, keepdims=True), out=dx)
