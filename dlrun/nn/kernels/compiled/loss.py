"""Losses with their gradients: see ``reference.loss``."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import elementary
from dlrun.nn.kernels.compiled.jit import kernel, part
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
        first, rest = _exps(x[i], exps)
        target = targets[i]
        total += np.log1p(np.float64(rest)) - (x[i, target] - x[i, first])
        if slope:
            factor = share / (x.dtype.type(1) + rest)
            for c in range(classes):
                dx[i, c] = exps[c] * factor
            # 1 - p keeps its digits where p is nearly 1
            dx[i, target] = -rest * factor if target == first else dx[i, target] - share
    mean: float = total / rows
    return mean


@part
def _exps(x: Array, exps: Array) -> tuple[int, Any]:
    """exp(x - largest x); the index of the largest, and the sum over the others."""
    first = 0
    for c in range(1, x.size):
        if x[c] > x[first]:
            first = c
    top, rest = x[first], x.dtype.type(0)
    for c in range(x.size):
        exps[c] = elementary.exp(x[c] - top)
    exps[first] = rest
    for c in range(x.size):
        rest += exps[c]
    exps[first] = x.dtype.type(1)
    return first, rest


def soft_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -sum_c t_c log p_c; dx = (p (sum(t) - t) - t (1 - p)) / rows, p = softmax(x)."""
    loss: float = _soft_cross_entropy(x, targets, x if dx is None else dx, dx is not None)
    return loss


@kernel
def _soft_cross_entropy(x: Array, targets: Array, dx: Array, slope: bool) -> float:
    rows, classes = x.shape
    share = x.dtype.type(1.0 / rows)
    exps = np.empty(classes, x.dtype)
    total = 0.0
    for i in range(rows):
        first, rest = _exps(x[i], exps)
        log_sum = np.log1p(np.float64(rest))
        weight = x.dtype.type(0)
        for c in range(classes):
            weight += targets[i, c]
            total += targets[i, c] * (log_sum - (x[i, c] - x[i, first]))
        if slope:
            factor = x.dtype.type(1) / (x.dtype.type(1) + rest)
            for c in range(classes):
                p = exps[c] * factor
                lacks = rest * factor if c == first else x.dtype.type(1) - p
                dx[i, c] = (p * (weight - targets[i, c]) - targets[i, c] * lacks) * share
    mean: float = total / rows
    return mean
