"""Update rules of Adam and its variants on flat arrays: see ``reference.update``.

w are the weights, g their gradients, m the running mean of g and v that of g^2; ``step`` counts
from 1 and corrects the bias of the means, which start at zero: m' = m / (1 - beta1^step), v' = v /
(1 - beta2^step).
"""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array


def adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    top: Array | None,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
    step: int,
) -> None:
    """m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= lr m' / (sqrt(v') + eps).

    With top, the largest v so far, that replaces v.
    """
    _means(g, m, v, beta1, beta2)
    if top is not None:
        np.maximum(top, v, out=top)
        v = top
    rate = lr / (1 - beta1**step)
    correction = 1 / math.sqrt(1 - beta2**step)
    if decay:
        w *= 1 - lr * decay
    w -= rate * m / (np.sqrt(v) * correction + eps)


def nadam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    lr: float,
    mu: float,
    ahead: float,
    product: float,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
    step: int,
) -> None:
    """Adam with (1 - mu) g / (1 - product) + ahead m / (1 - product ahead) instead of m'.

    mu is this step's momentum, ahead the next one's, and product the product of all up to this one.
    """
    _means(g, m, v, beta1, beta2)
    correction = 1 / math.sqrt(1 - beta2**step)
    own, kept = lr * (1 - mu) / (1 - product), lr * ahead / (1 - product * ahead)
    if decay:
        w *= 1 - lr * decay
    w -= (own * g + kept * m) / (np.sqrt(v) * correction + eps)


def radam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
    step: int,
) -> None:
    """w -= lr r m' sqrt(1 - beta2^step) / (sqrt(v) + eps), or lr m' while r is undefined."""
    _means(g, m, v, beta1, beta2)
    rate, rectified = lr / (1 - beta1**step), rectification(beta2, step)
    if decay:
        w *= 1 - lr * decay
    w -= rate * m if rectified == 0 else rate * rectified * m / (np.sqrt(v) + eps)


def rectification(beta2: float, step: int) -> float:
    """r sqrt(1 - beta2^step) of RAdam; 0 while the variance of v' is infinite.

    With n = 2 / (1 - beta2) - 1 and t = n - 2 step beta2^step / (1 - beta2^step), r is the root of
    (t - 4) (t - 2) n / ((n - 4) (n - 2) t), where t > 5.
    """
    whole, kept = 2 / (1 - beta2) - 1, beta2**step
    length = whole - 2 * step * kept / (1 - kept)
    if length <= 5:
        return 0.0
    ratio = (length - 4) * (length - 2) * whole / ((whole - 4) * (whole - 2) * length)
    return math.sqrt(ratio * (1 - kept))


def adamax(
    w: Array,
    g: Array,
    m: Array,
    u: Array,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
    step: int,
) -> None:
    """u = max(beta2 u, |g| + eps); w -= lr m' / u."""
    m += (1 - beta1) * (g - m)
    np.maximum(beta2 * u, np.abs(g) + eps, out=u)
    if decay:
        w *= 1 - lr * decay
    w -= lr / (1 - beta1**step) * m / u


def lamb(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
    step: int,
) -> None:
    """r = m' / (sqrt(v') + eps) + decay w; w -= lr |w| / |r| r.

    If w or r is zero, the ratio of their norms is taken as 1.
    """
    _means(g, m, v, beta1, beta2)
    correction = 1 / math.sqrt(1 - beta2**step)
    r = m / (1 - beta1**step) / (np.sqrt(v) * correction + eps) + decay * w
    lengths = math.sqrt(np.sum(np.square(w))), math.sqrt(np.sum(np.square(r)))
    trust = lengths[0] / lengths[1] if min(lengths) > 0 else 1.0
    w -= lr * trust * r


def _means(g: Array, m: Array, v: Array, beta1: float, beta2: float) -> None:
    m += (1 - beta1) * (g - m)
    v *= beta2
    v += (1 - beta2) * np.square(g)
