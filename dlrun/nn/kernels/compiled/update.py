"""Update rules of optimizers, in one pass over the arrays: see ``reference.update``."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def sgd(w: Array, g: Array, lr: float, decay: float) -> None:
    """w -= lr g."""
    rate, less = w.dtype.type(lr), w.dtype.type(1.0 - lr * decay)
    for i in range(w.size):
        w[i] = less * w[i] - rate * g[i]


@kernel
def momentum(
    w: Array, g: Array, v: Array, lr: float, mu: float, new: float, nesterov: bool, decay: float
) -> None:
    """v = mu v + new g; w -= lr v, or lr (g + mu v) with Nesterov."""
    of = w.dtype.type
    rate, keep, add, less = of(lr), of(mu), of(new), of(1.0 - lr * decay)
    ahead, own = (keep, of(1)) if nesterov else (of(1), of(0))
    for i in range(w.size):
        v[i] = keep * v[i] + add * g[i]
        w[i] = less * w[i] - rate * (own * g[i] + ahead * v[i])


@kernel
def rmsprop(
    w: Array,
    g: Array,
    s: Array,
    m: Array | None,
    v: Array | None,
    lr: float,
    rho: float,
    eps: float,
    mu: float,
    decay: float,
) -> None:
    """s = rho s + (1 - rho) g^2; d = g / (sqrt(s) + eps); w -= lr d."""
    of = w.dtype.type
    rate, keep, new, small = of(lr), of(rho), of(1.0 - rho), of(eps)
    stay, less, none = of(mu), of(1.0 - lr * decay), of(0)
    for i in range(w.size):
        s[i] = keep * s[i] + new * g[i] * g[i]
        spread = s[i]
        # An argument None has its own type, for which the compiler removes this branch.
        if m is not None:
            m[i] += new * (g[i] - m[i])
            spread = s[i] - m[i] * m[i]
            spread = none if spread < none else spread
        direction = g[i] / (np.sqrt(spread) + small)
        if v is not None:
            v[i] = stay * v[i] + direction
            direction = v[i]
        w[i] = less * w[i] - rate * direction


@kernel
def adagrad(
    w: Array, g: Array, s: Array, lr: float, initial: float, eps: float, decay: float
) -> None:
    """s += g^2; w -= lr g / (sqrt(initial + s) + eps)."""
    of = w.dtype.type
    rate, first, small, less = of(lr), of(initial), of(eps), of(1.0 - lr * decay)
    for i in range(w.size):
        s[i] += g[i] * g[i]
        w[i] = less * w[i] - rate * g[i] / (np.sqrt(first + s[i]) + small)


@kernel
def adadelta(
    w: Array, g: Array, s: Array, d: Array, lr: float, rho: float, eps: float, decay: float
) -> None:
    """s = rho s + (1 - rho) g^2; x = sqrt(d + eps) / sqrt(s + eps) g; w -= lr x."""
    of = w.dtype.type
    rate, keep, new, small, less = of(lr), of(rho), of(1.0 - rho), of(eps), of(1.0 - lr * decay)
    for i in range(w.size):
        s[i] = keep * s[i] + new * g[i] * g[i]
        x = np.sqrt(d[i] + small) / np.sqrt(s[i] + small) * g[i]
        d[i] = keep * d[i] + new * x * x
        w[i] = less * w[i] - rate * x


@kernel
def lion(w: Array, g: Array, m: Array, lr: float, beta1: float, beta2: float, decay: float) -> None:
    """w -= lr sign(beta1 m + (1 - beta1) g); then m = beta2 m + (1 - beta2) g."""
    of = w.dtype.type
    rate, keep, add, new, less = (
        of(lr),
        of(beta1),
        of(1.0 - beta1),
        of(1.0 - beta2),
        of(1.0 - lr * decay),
    )
    none = of(0)
    for i in range(w.size):
        c = keep * m[i] + add * g[i]
        w[i] = less * w[i] - (rate if c > none else -rate if c < none else none)
        m[i] += new * (g[i] - m[i])
