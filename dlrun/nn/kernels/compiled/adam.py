"""Update rules of Adam and its variants, in one pass over the arrays: see ``reference.adam``."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel
from dlrun.nn.kernels.reference.adam import rectification

__all__ = ["adam", "adamax", "lamb", "nadam", "radam", "rectification"]


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
    """w -= lr m' / (sqrt(v') + eps); with top, the largest v so far replaces v."""
    rate = lr / (1 - beta1**step)
    correction = 1 / math.sqrt(1 - beta2**step)
    _adam(w, g, m, v, top, rate, beta1, beta2, eps, correction, 1 - lr * decay)


@kernel
def _adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    top: Array | None,
    rate: float,
    beta1: float,
    beta2: float,
    eps: float,
    correction: float,
    shrink: float,
) -> None:
    of = w.dtype.type
    step, new1, keep2, new2 = of(rate), of(1.0 - beta1), of(beta2), of(1.0 - beta2)
    small, fix, less = of(eps), of(correction), of(shrink)
    for i in range(w.size):
        m[i] += new1 * (g[i] - m[i])
        v[i] = keep2 * v[i] + new2 * g[i] * g[i]
        square = v[i]
        if top is not None:  # removed by the compiler if it is None
            top[i] = square if square > top[i] else top[i]
            square = top[i]
        w[i] = less * w[i] - step * m[i] / (np.sqrt(square) * fix + small)


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
    """Adam with (1 - mu) g / (1 - product) + ahead m / (1 - product ahead) instead of m'."""
    correction = 1 / math.sqrt(1 - beta2**step)
    own, kept = lr * (1 - mu) / (1 - product), lr * ahead / (1 - product * ahead)
    _nadam(w, g, m, v, own, kept, beta1, beta2, eps, correction, 1 - lr * decay)


@kernel
def _nadam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    own: float,
    kept: float,
    beta1: float,
    beta2: float,
    eps: float,
    correction: float,
    shrink: float,
) -> None:
    of = w.dtype.type
    now, before = of(own), of(kept)
    new1, keep2, new2 = of(1.0 - beta1), of(beta2), of(1.0 - beta2)
    small, fix, less = of(eps), of(correction), of(shrink)
    for i in range(w.size):
        m[i] += new1 * (g[i] - m[i])
        v[i] = keep2 * v[i] + new2 * g[i] * g[i]
        w[i] = less * w[i] - (now * g[i] + before * m[i]) / (np.sqrt(v[i]) * fix + small)


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
    rate, rectified = lr / (1 - beta1**step), rectification(beta2, step)
    _radam(w, g, m, v, rate, rectified, beta1, beta2, eps, 1 - lr * decay)


@kernel
def _radam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    rate: float,
    rectified: float,
    beta1: float,
    beta2: float,
    eps: float,
    shrink: float,
) -> None:
    of = w.dtype.type
    new1, keep2, new2 = of(1.0 - beta1), of(beta2), of(1.0 - beta2)
    small, less = of(eps), of(shrink)
    plain, divided = of(rate), of(rate * rectified)
    for i in range(w.size):
        m[i] += new1 * (g[i] - m[i])
        v[i] = keep2 * v[i] + new2 * g[i] * g[i]
    if rectified == 0.0:
        for i in range(w.size):
            w[i] = less * w[i] - plain * m[i]
    else:
        for i in range(w.size):
            w[i] = less * w[i] - divided * m[i] / (np.sqrt(v[i]) + small)


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
    _adamax(w, g, m, u, lr / (1 - beta1**step), beta1, beta2, eps, 1 - lr * decay)


@kernel
def _adamax(
    w: Array,
    g: Array,
    m: Array,
    u: Array,
    rate: float,
    beta1: float,
    beta2: float,
    eps: float,
    shrink: float,
) -> None:
    of = w.dtype.type
    step, new, keep, small, less = of(rate), of(1.0 - beta1), of(beta2), of(eps), of(shrink)
    for i in range(w.size):
        m[i] += new * (g[i] - m[i])
        kept, size = keep * u[i], np.abs(g[i]) + small
        u[i] = size if size > kept else kept
        w[i] = less * w[i] - step * m[i] / u[i]


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
    """r = m' / (sqrt(v') + eps) + decay w; w -= lr |w| / |r| r."""
    mean = 1 / (1 - beta1**step)
    correction = 1 / math.sqrt(1 - beta2**step)
    _lamb(w, g, m, v, lr, beta1, beta2, eps, decay, mean, correction)


@kernel
def _lamb(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    decay: float,
    mean: float,
    correction: float,
) -> None:
    of = w.dtype.type
    new1, keep2, new2 = of(1.0 - beta1), of(beta2), of(1.0 - beta2)
    small, pull, unbias, fix = of(eps), of(decay), of(mean), of(correction)
    squares_w, squares_r = 0.0, 0.0
    for i in range(w.size):
        m[i] += new1 * (g[i] - m[i])
        v[i] = keep2 * v[i] + new2 * g[i] * g[i]
        r = unbias * m[i] / (np.sqrt(v[i]) * fix + small) + pull * w[i]
        squares_w += float(w[i]) * float(w[i])
        squares_r += float(r) * float(r)
    trust = np.sqrt(squares_w / squares_r) if squares_w > 0.0 and squares_r > 0.0 else 1.0
    rate = of(lr * trust)
    for i in range(w.size):
        r = unbias * m[i] / (np.sqrt(v[i]) * fix + small) + pull * w[i]
        w[i] -= rate * r
