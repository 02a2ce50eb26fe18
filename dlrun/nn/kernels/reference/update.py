"""Update rules of optimizers on flat arrays: w the weights, g their gradients."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array


def sgd(w: Array, g: Array, lr: float) -> None:
    """w -= lr g."""
    w -= lr * g


def momentum(w: Array, g: Array, v: Array, lr: float, mu: float, nesterov: bool) -> None:
    """v = mu v + g; w -= lr v, or lr (g + mu v) with Nesterov."""
    v *= mu
    v += g
    w -= lr * (g + mu * v if nesterov else v)


def rmsprop(w: Array, g: Array, s: Array, lr: float, rho: float, eps: float) -> None:
    """s = rho s + (1 - rho) g^2; w -= lr g / (sqrt(s) + eps)."""
    s *= rho
    s += (1 - rho) * np.square(g)
    w -= lr * g / (np.sqrt(s) + eps)


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
    """Adam with decoupled weight decay (0 is plain Adam); ``step`` counts from 1.

    m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; w -= lr decay w;
    w -= lr m' / (sqrt(v') + eps), m' and v' divided by 1 - beta^step.
    """
    m += (1 - beta1) * (g - m)
    v *= beta2
    v += (1 - beta2) * np.square(g)
    if decay:
        w *= 1 - lr * decay
    rate = lr / (1 - beta1**step)
    correction = 1 / math.sqrt(1 - beta2**step)
    w -= rate * m / (np.sqrt(v) * correction + eps)
