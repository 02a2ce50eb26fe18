"""Losses with their gradients; all are means over the batch.

Loss and gradient of confident correct predictions are nearly 0, and still accurate: 1 - p is never
computed as the difference of two numbers near 1.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def softmax_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -log softmax(x)[target].

    Args:
        x: (batch, classes), before softmax.
        targets: (batch,), the class of each row.
        dx: (batch, classes), written: (softmax(x) - one_hot(targets)) / batch.
    """
    rows, first = np.arange(len(x)), x.argmax(axis=-1)
    shifted = x - x[rows, first][:, None]
    e = np.exp(shifted)
    e[rows, first] = 0
    rest = e.sum(axis=-1)  # smaller than the 1 of the largest
    if dx is not None:
        whole = 1 + rest
        below = whole * len(x)
        own = np.where(targets == first, -rest, e[rows, targets] - whole)
        np.divide(e, below[:, None], out=dx)
        dx[rows, first] = 1 / below
        dx[rows, targets] = own / below
    return float((np.log1p(rest) - shifted[rows, targets]).mean(dtype=np.float64))


def _softmax(x: Array) -> tuple[Array, Array, Array]:
    """log p, p and 1 - p of p = softmax(x), (rows, classes) each."""
    rows, first = np.arange(len(x)), x.argmax(axis=-1)
    shifted = x - x[rows, first][:, None]
    p = np.exp(shifted)
    p[rows, first] = 0
    rest = p.sum(axis=-1)  # smaller than the 1 of the largest
    whole = 1 + rest
    p /= whole[:, None]
    lacks = 1 - p  # for all except the largest at least 0.5
    p[rows, first] = 1 / whole
    lacks[rows, first] = rest / whole
    return shifted - np.log1p(rest)[:, None], p, lacks


def sigmoid_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of -t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid, over batch and outputs.

    Args:
        x: (batch, outputs), before the sigmoid.
        targets: (batch, outputs), 0 or 1.
        dx: (batch, outputs), written: (s(x) - t) / (batch outputs), as (1 - t) s(x) - t s(-x).
    """
    e = np.exp(-np.abs(x))
    if dx is not None:
        yes, no = _sigmoids(x, e)
        np.divide((1 - targets) * yes - targets * no, x.size, out=dx)
    # log(1 + exp(x)) - t x, in a form that does not overflow
    loss = np.maximum(x, 0) - x * targets + np.log1p(e)
    return float(loss.mean(dtype=np.float64))


def _sigmoids(x: Array, e: Array) -> tuple[Array, Array]:
    """s(x) and s(-x), s the sigmoid, from exp(-|x|) as well."""
    whole = 1 + e
    return np.maximum(e, x >= 0) / whole, np.maximum(e, x < 0) / whole


def squared_error(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of (x - t)^2 over batch and outputs; dx = 2 (x - t) / (batch outputs)."""
    error = x - targets
    if dx is not None:
        np.multiply(error, 2 / x.size, out=dx)
    return float(np.square(error).mean(dtype=np.float64))


def absolute_error(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean of |x - t| over batch and outputs; dx = sign(x - t) / (batch outputs)."""
    error = x - targets
    if dx is not None:
        np.divide(np.sign(error), x.size, out=dx)
    return float(np.abs(error).mean(dtype=np.float64))


def huber(x: Array, targets: Array, delta: float, dx: Array | None) -> float:
    """Mean of e^2 / 2 where |e| <= delta, otherwise delta (|e| - delta / 2), for e = x - t.

    dx is e, limited to -delta ... delta, over batch and outputs.
    """
    error = x - targets
    cut = np.clip(error, -delta, delta)
    if dx is not None:
        np.divide(cut, x.size, out=dx)
    # With c the limited error both cases are c (e - c / 2).
    return float((cut * (error - cut / 2)).mean(dtype=np.float64))


def weighted_sigmoid_cross_entropy(
    x: Array, targets: Array, weight: Array, dx: Array | None
) -> float:
    """Mean of -w t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid, over batch and outputs.

    Args:
        x: (batch, outputs), before the sigmoid.
        targets: (batch, outputs), 0 or 1.
        weight: () or (outputs,), w.
        dx: (batch, outputs), written: ((1 - t) s(x) - w t s(-x)) / (batch outputs).
    """
    yes, no, e = weight * targets, 1 - targets, np.exp(-np.abs(x))
    if dx is not None:
        there, absent = _sigmoids(x, e)
        np.divide(no * there - yes * absent, x.size, out=dx)
    tail = np.log1p(e)
    loss = yes * (np.maximum(-x, 0) + tail) + no * (np.maximum(x, 0) + tail)
    return float(loss.mean(dtype=np.float64))


def soft_cross_entropy(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean over the rows of -sum_c t_c log softmax(x)_c.

    Args:
        x: (rows, classes), before softmax.
        targets: (rows, classes), the weight t of each class; they need not sum to 1.
        dx: (rows, classes), written: (sum(t) p - t) / rows, p = softmax(x), as
            p (sum(t) - t) - t (1 - p).
    """
    logs, p, lacks = _softmax(x)
    if dx is not None:
        others = targets.sum(axis=-1, keepdims=True) - targets
        np.divide(p * others - targets * lacks, len(x), out=dx)
    return float(-(targets * logs).sum(axis=-1).mean(dtype=np.float64))


def focal(x: Array, targets: Array, gamma: float, dx: Array | None) -> float:
    """Mean over the rows of -sum_c t_c (1 - p_c)^gamma log p_c, p = softmax(x).

    Args:
        x: (rows, classes), before softmax.
        targets: (rows, classes), the weight t of each class.
        gamma: at least 0.
        dx: (rows, classes), written: (t m - p sum(t m)) / rows, where m is the derivative of
            -(1 - p)^gamma log p by log p.
    """
    logs, p, lacks = _softmax(x)
    value, slope = _focus(logs, gamma)
    if dx is not None:
        slope *= targets
        others = slope.sum(axis=-1, keepdims=True) - slope
        np.divide(slope * lacks - p * others, len(x), out=dx)
    return float((targets * value).sum(axis=-1).mean(dtype=np.float64))


def binary_focal(
    x: Array, targets: Array, yes: float, no: float, gamma: float, dx: Array | None
) -> float:
    """Mean of the focal loss of s(x), s the sigmoid, over batch and outputs.

    Args:
        x: (batch, outputs), before the sigmoid.
        targets: (batch, outputs), 0 or 1.
        yes: factor where the target is 1.
        no: factor where it is 0.
        gamma: at least 0.
        dx: (batch, outputs), written.
    """
    tail = np.log1p(np.exp(-np.abs(x)))
    log_yes, log_no = np.minimum(x, 0) - tail, np.minimum(-x, 0) - tail
    there, slope_there = _focus(log_yes, gamma)
    absent, slope_absent = _focus(log_no, gamma)
    if dx is not None:
        # The derivatives of log s(x) and log s(-x) are s(-x) and -s(x).
        rise = yes * targets * slope_there * np.exp(log_no)
        fall = no * (1 - targets) * slope_absent * np.exp(log_yes)
        np.divide(rise - fall, x.size, out=dx)
    loss = yes * targets * there + no * (1 - targets) * absent
    return float(loss.mean(dtype=np.float64))


def _focus(logs: Array, gamma: float) -> tuple[Array, Array]:
    """-(1 - p)^gamma log p from log p, and its derivative by log p."""
    wrong = -np.expm1(logs)  # 1 - p keeps its digits where p is nearly 1
    faded = wrong**gamma
    sure = wrong == 0  # there log p / (1 - p) has its limit
    ratio = np.where(sure, -1.0, logs / np.where(sure, 1.0, wrong))
    return -faded * logs, faded * (gamma * np.exp(logs) * ratio - 1)


def hinge(x: Array, targets: Array, margin: float, squared: bool, dx: Array | None) -> float:
    """Mean over the rows of sum_c t_c max(0, margin - x_c + max x_other), or its square.

    Args:
        x: (rows, classes), at least 2 of them.
        targets: (rows, classes), the weight t of each class.
        margin: above 0.
        squared: whether the hinge is squared.
        dx: (rows, classes), written; if two others are equally large, all goes to the first.
    """
    rows = np.arange(len(x))
    first = x.argmax(axis=-1)
    rest = x.copy()
    rest[rows, first] = -np.inf
    second = rest.argmax(axis=-1)
    other = np.repeat(x[rows, first][:, None], x.shape[-1], axis=-1)
    other[rows, first] = x[rows, second]
    missing = np.maximum(margin - x + other, 0)
    if dx is not None:
        slope = targets * (2 * missing if squared else (missing > 0).astype(x.dtype))
        np.negative(slope, out=dx)
        leading = slope[rows, first].copy()
        dx[rows, first] += slope.sum(axis=-1) - leading
        dx[rows, second] += leading
        dx /= len(x)
    loss = targets * (missing * missing if squared else missing)
    return float(loss.sum(axis=-1).mean(dtype=np.float64))


def binary_hinge(x: Array, targets: Array, margin: float, squared: bool, dx: Array | None) -> float:
    """Mean of t max(0, margin - x) + (1 - t) max(0, margin + x), or of the squares.

    Args:
        x: (batch, outputs).
        targets: (batch, outputs), 0 or 1.
        margin: above 0.
        squared: whether the hinge is squared.
        dx: (batch, outputs), written.
    """
    below, above = np.maximum(margin - x, 0), np.maximum(margin + x, 0)
    yes, no = targets, 1 - targets
    if dx is not None:
        if squared:
            np.divide(2 * (no * above - yes * below), x.size, out=dx)
        else:
            np.divide(no * (above > 0) - yes * (below > 0), x.size, out=dx)
    loss = yes * below**2 + no * above**2 if squared else yes * below + no * above
    return float(loss.mean(dtype=np.float64))


def kl_divergence(x: Array, targets: Array, dx: Array | None) -> float:
    """Mean over the rows of sum_c t_c log(t_c / softmax(x)_c); 0 log 0 is 0.

    Args:
        x: (rows, k), before softmax.
        targets: (rows, k), distributions.
        dx: (rows, k), written: (sum(t) softmax(x) - t) / rows.
    """
    # Near the targets it is a small difference of large sums, too inaccurate in float32.
    t = targets.astype(np.float64)
    logs, p, lacks = _softmax(x.astype(np.float64))
    if dx is not None:
        others = t.sum(axis=-1, keepdims=True) - t
        np.divide(p * others - t * lacks, len(x), out=dx, casting="same_kind")
    apart = np.log(np.where(t > 0, t, 1)) - np.where(t > 0, logs, 0)
    return float((t * apart).sum(axis=-1).mean())
