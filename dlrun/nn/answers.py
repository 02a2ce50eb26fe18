"""Predicted and true classes or labels, in the form that classification metrics count."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array

HALF = 0.5
"""The probability from which a label, or the second of two classes, is predicted."""


def class_probabilities(predictions: Array) -> Array:
    """Probabilities, (m, classes), with one row per decision.

    Args:
        predictions: (n, ..., classes), or (n, ..., 1), probabilities of the second of two classes.
    """
    rows = predictions.reshape(-1, predictions.shape[-1])
    return np.concatenate([1 - rows, rows], axis=1) if rows.shape[1] == 1 else rows


def class_log_odds(log_odds: Array) -> Array:
    """Log-odds, (m, classes) float64, with one row per decision.

    Args:
        log_odds: (n, ..., classes), or (n, ..., 1), those of the second of two classes.
    """
    rows = log_odds.reshape(-1, log_odds.shape[-1]).astype(np.float64)
    return np.concatenate([-rows, rows], axis=1) if rows.shape[1] == 1 else rows


def said_classes(predictions: Array, boundary: float = HALF) -> Array:
    """Predicted class of each decision, (m,) int64; the first of equally probable ones.

    Args:
        predictions: (n, ..., classes), or (n, ..., 1), probabilities of the second of two classes.
        boundary: the value from which the second class is predicted; 0 for log-odds.
    """
    rows = predictions.reshape(-1, predictions.shape[-1])
    if rows.shape[1] == 1:
        return np.asarray(rows[:, 0] >= boundary, dtype=np.int64)
    return np.asarray(rows.argmax(axis=1))


def true_classes(predictions: Array, targets: Array) -> Array:
    """True class of each decision, (m,) int64.

    Args:
        predictions: (n, ..., classes or 1).
        targets: (n, ...) codes, or (n, ..., classes) probabilities.
    """
    if targets.ndim == predictions.ndim:
        return said_classes(targets)
    return targets.reshape(-1)


def said_labels(predictions: Array) -> Array:
    """Predicted labels, (n, labels) bool."""
    return predictions >= HALF


def true_labels(targets: Array) -> Array:
    """True labels, (n, labels) bool."""
    return targets >= HALF
