"""The paths of optimizers on Rosenbrock's surface, a bent valley with a flat floor."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.optimizers.adam import Adam
from dlrun.nn.optimizers.adamw import AdamW
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock
from dlrun.nn.optimizers.lion import Lion
from dlrun.nn.optimizers.muon import Muon
from dlrun.nn.optimizers.rmsprop import RMSProp
from dlrun.nn.optimizers.sgd import SGD

START = (-1.2, 1.0)
MINIMUM = (1.0, 1.0)

RULES: dict[str, Optimizer] = {
    "SGD": SGD(),
    "momentum": SGD(momentum=0.9),
    "Nesterov": SGD(momentum=0.9, nesterov=True),
    "RMSProp": RMSProp(),
    "Adam": Adam(),
    "AdamW": AdamW(weight_decay=0.1),
    "Lion": Lion(),
    "Muon": Muon(),
}
"""The optimizers of the sweeps.  To Muon, the two parameters are a matrix of one row."""


def height(x: Array | float, y: Array | float) -> Array | float:
    """(1 - x)^2 + 100 (y - x^2)^2 (Rosenbrock, The Computer Journal 1960)."""
    return (1 - x) ** 2 + 100 * (y - x * x) ** 2


def gradient(x: float, y: float) -> tuple[float, float]:
    """The slope in both directions."""
    return -400 * x * (y - x * x) - 2 * (1 - x), 200 * (y - x * x)


def path(rule: Optimizer, rate: float, steps: int) -> Array:
    """The points that an optimizer visits from the start, (steps + 1, 2); shorter if it diverges.

    Args:
        rule: the optimizer.
        rate: its learning rate, the same in all steps.
        steps: how many.
    """
    place = np.array([START])
    weights = WeightBlock(
        place,
        np.empty_like(place),
        {name: np.zeros_like(place) for name in rule.slots()},
        decay=rule.decay(),
    )
    pace = Pace(lr=rate)
    work = rule.bind(weights, pace, numpy_kernels())
    points = [place[0].copy()]
    for step in range(1, steps + 1):
        weights.grad[0] = gradient(*map(float, place[0]))
        pace.step = step
        work()
        if not np.abs(place).max() < 1e3:
            break
        points.append(place[0].copy())
    return np.array(points)


def end(points: Array, steps: int) -> float:
    """The height of the last point; infinite if the path ends early."""
    if len(points) <= steps:
        return math.inf
    return float(height(*map(float, points[-1])))


def best_path(rule: Optimizer, rates: Sequence[float], steps: int) -> tuple[float, Array]:
    """The rate with the lowest end, and its path."""
    paths = {rate: path(rule, rate, steps) for rate in rates}
    rate = min(paths, key=lambda each: end(paths[each], steps))
    return rate, paths[rate]
