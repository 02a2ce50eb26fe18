"""Update rules of optimizers, in one pass over the arrays: see ``reference.update``."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def sgd(w: Array, g: Array, lr: float) -> None:
    """w -= lr g."""
    rate = w.dtype.type(lr)
    for i in range(w.size):
        w[i] -= rate * g[i]


@kernel
def momentum(w: Array, g: Array, v: Array, lr: float, mu: float, nesterov: bool) -> None:
    """v = mu v + g; w -= lr v, or lr (g + mu v) with Nesterov."""
    rate, keep = w.dtype.type(lr), w.dtype.type(mu)
    ahead, own = (keep, w.dtype.type(1)) if nesterov else (w.dtype.type(1), w.dtype.type(0))
    for i in range(w.size):
        v[i] = keep * v[i] + g[i]
        w[i] -= rate * (own * g[i] + ahead * v[i])


@kernel
def rmsprop(w: Array, g: Array, s: Array, lr: float, rho: float, eps: float) -> None:
    """s = rho s + (1 - rho) g^2; w -= lr g / (sqrt(s) + eps)."""
    rate, keep, new, small = (
        w.dtype.type(lr),
        w.dtype.type(rho),
        w.dtype.type(1.0 - rho),
        w.dtype.type(eps),
    )
    for i in range(w.size):
        s[i] = keep * s[i] + new * g[i] * g[i]
        w[i] -= rate * g[i] / (np.sqrt(s[i]) + small)


def adam(
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
    """Adam with decoupled weight decay; ``step`` counts from 1."""
    rate = lr / (1 - beta1**step)
    correction = 1 / math.sqrt(1 - beta2**step)
    _adam(w, g, m, v, rate, beta1, beta2, eps, correction, 1 - lr * decay)


@kernel
def _adam(
    w: Array,
    g: Array,
    m: Array,
    v: Array,
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
        w[i] = less * w[i] - step * m[i] / (np.sqrt(v[i]) * fix + small)
