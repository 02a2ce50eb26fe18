"""Update rules of optimizers on flat arrays: w the weights, g their gradients.

``decay`` is the weight decay, the fraction of a weight that a step at learning rate 1 removes: w -=
lr decay w.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def sgd(w: Array, g: Array, lr: float, decay: float) -> None:
    """w -= lr g."""
    if decay:
        w *= 1 - lr * decay
    w -= lr * g


def momentum(
    w: Array, g: Array, v: Array, lr: float, mu: float, new: float, nesterov: bool, decay: float
) -> None:
    """v = mu v + new g; w -= lr v, or lr (g + mu v) with Nesterov."""
    v *= mu
    v += new * g
    if decay:
        w *= 1 - lr * decay
    w -= lr * (g + mu * v if nesterov else v)


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
    """s = rho s + (1 - rho) g^2; d = g / (sqrt(s) + eps); w -= lr d.

    With m, the mean gradient, s - m^2 replaces s in d; with v, v = mu v + d and w -= lr v.
    """
    s *= rho
    s += (1 - rho) * np.square(g)
    spread = s
    if m is not None:
        m += (1 - rho) * (g - m)
        spread = np.maximum(s - np.square(m), 0)  # rounding may lead below
    direction = g / (np.sqrt(spread) + eps)
    if v is not None:
        v *= mu
        v += direction
        direction = v
    if decay:
        w *= 1 - lr * decay
    w -= lr * direction


def adagrad(
    w: Array, g: Array, s: Array, lr: float, initial: float, eps: float, decay: float
) -> None:
    """s += g^2; w -= lr g / (sqrt(initial + s) + eps)."""
    s += np.square(g)
    if decay:
        w *= 1 - lr * decay
    w -= lr * g / (np.sqrt(s + initial) + eps)


def adadelta(
    w: Array, g: Array, s: Array, d: Array, lr: float, rho: float, eps: float, decay: float
) -> None:
    """s = rho s + (1 - rho) g^2; x = sqrt(d + eps) / sqrt(s + eps) g; w -= lr x.

    d, the mean square of x, is updated afterwards: d = rho d + (1 - rho) x^2.
    """
    s *= rho
    s += (1 - rho) * np.square(g)
    x = np.sqrt(d + eps) / np.sqrt(s + eps) * g
    d *= rho
    d += (1 - rho) * np.square(x)
    if decay:
        w *= 1 - lr * decay
    w -= lr * x


def lion(w: Array, g: Array, m: Array, lr: float, beta1: float, beta2: float, decay: float) -> None:
    """w -= lr sign(beta1 m + (1 - beta1) g); then m = beta2 m + (1 - beta2) g."""
    if decay:
        w *= 1 - lr * decay
    w -= lr * np.sign(beta1 * m + (1 - beta1) * g)
    m += (1 - beta2) * (g - m)
