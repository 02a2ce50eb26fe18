"""What predictions say and what is true, in the one form that scores of classes count in."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

HALF = 0.5
"""The probability from which on a label, or the second of two classes, is said to be there."""


def class_probabilities(predictions: Array) -> Array:
    """(m, classes): a row a decision.

    Args:
        predictions: (n, ..., classes), or (n, ..., 1), the probability of the second of two.
    """
    rows = predictions.reshape(-1, predictions.shape[-1])
    return np.concatenate([1 - rows, rows], axis=1) if rows.shape[1] == 1 else rows


def class_log_odds(log_odds: Array) -> Array:
    """(m, classes) float64: a row a decision.

    Args:
        log_odds: (n, ..., classes), or (n, ..., 1), those of the second of two.
    """
    rows = log_odds.reshape(-1, log_odds.shape[-1]).astype(np.float64)
    return np.concatenate([-rows, rows], axis=1) if rows.shape[1] == 1 else rows


def said_classes(predictions: Array, boundary: float = HALF) -> Array:
    """(m,) int64: the class that each decision falls on; of equal ones the first.

    Args:
        predictions: (n, ..., classes), or (n, ..., 1), the probability of the second of two.
        boundary: from which on it is the second; 0 for log-odds.
    """
    rows = predictions.reshape(-1, predictions.shape[-1])
    if rows.shape[1] == 1:
        return np.asarray(rows[:, 0] >= boundary, dtype=np.int64)
    return np.asarray(rows.argmax(axis=1))


def true_classes(predictions: Array, targets: Array) -> Array:
    """(m,) int64: the class of each decision.

    Args:
        predictions: (n, ..., classes or 1).
        targets: (n, ...) codes, or (n, ..., classes) shares.
    """
    if targets.ndim == predictions.ndim:
        return said_classes(targets)
    return targets.reshape(-1)


def said_labels(predictions: Array) -> Array:
    """(n, labels) bool: which labels are said to be there."""
    return predictions >= HALF


def true_labels(targets: Array) -> Array:
    """(n, labels) bool: which labels are there."""
    return targets >= HALF
