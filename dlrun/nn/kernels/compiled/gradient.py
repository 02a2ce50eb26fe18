"""Operations on gradients and weights, in one pass each: see ``reference.gradient``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def penalize(g: Array, w: Array, l1: float, l2: float) -> None:
    """g += l1 sign(w) + l2 w."""
    of = g.dtype.type
    flat, steep, none = of(l1), of(l2), of(0)
    for i in range(g.size):
        side = flat if w[i] > none else -flat if w[i] < none else none
        g[i] += side + steep * w[i]


@kernel
def clip(g: Array, most: float) -> None:
    """Limit to -``most`` ... ``most``; NaN stays NaN."""
    high = g.dtype.type(most)
    for i in range(g.size):
        g[i] = high if g[i] > high else -high if g[i] < -high else g[i]


@kernel
def sum_of_squares(g: Array) -> float:
    """The sum of g^2, in double precision."""
    total = 0.0
    for i in range(g.size):
        each = float(g[i])
        total += each * each
    return total


@kernel
def scale(g: Array, factor: float) -> None:
    """g *= factor."""
    by = g.dtype.type(factor)
    for i in range(g.size):
        g[i] *= by


@kernel
def accumulate(total: Array, g: Array, weight: float) -> None:
    """total += weight g."""
    by = g.dtype.type(weight)
    for i in range(g.size):
        total[i] += by * g[i]


@kernel
def approach(a: Array, w: Array, share: float) -> None:
    """a += share (w - a)."""
    by = w.dtype.type(share)
    for i in range(w.size):
        a[i] += by * (w[i] - a[i])
