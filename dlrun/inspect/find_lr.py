"""Learning-rate range test: a short training with a growing rate, until the loss diverges.

Smith, "Cyclical learning rates for training neural networks", WACV 2017.
"""

from __future__ import annotations

import math
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from dlrun.errors import DivergedError
from dlrun.experiment.compile import Compiled
from dlrun.inspect.growing_rate import growing
from dlrun.inspect.lr_curve import falls_fastest, smoothed_curve
from dlrun.nn.parallel.blas import alone

_FEWEST = 10
"""Minimum number of steps for a result."""

_KEPT = 0.9
"""Decay per step of the running mean of the loss, which determines when to stop."""

_DIVERGED = 4.0
"""The test stops when the running mean is this many times its smallest value."""

_WIDTHS = 40
"""Length of the curve, in standard deviations of the window that smooths it."""


@dataclass(frozen=True, slots=True)
class RangeTest:
    """The loss by learning rate.

    Attributes:
        rates: learning rate of each step until the test stopped, growing by a constant factor.
        losses: loss of the batches of each step, before its update.
        smoothed: weighted means of neighbouring losses.
        diverged: whether the test stopped because the loss diverged.
        least: the learning rate with the smallest ``smoothed``.
        suggestion: the learning rate below ``least`` at which ``smoothed`` falls fastest over the
            logarithm of the rate; None if it hardly falls, compared with its noise.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    diverged: bool
    least: float
    suggestion: float | None


def find_lr(compiled: Compiled, lowest: float, highest: float, steps: int) -> RangeTest:
    """Train a new network with a growing learning rate, and record the loss.

    Everything except schedule and weight averaging is as in the experiment's own training.

    Args:
        compiled: the experiment.
        lowest: the first learning rate.
        highest: the last learning rate, above ``lowest``.
        steps: number of steps, at least 20; the training set is repeated as often as necessary.

    Raises:
        DivergedError: fewer than 10 steps had a finite loss.
    """
    rates, losses, diverged = [], [], False
    mean = least = math.inf
    trained = growing(compiled, lowest, highest, steps)
    with alone(), closing(trained):
        for number, (rate, loss) in enumerate(trained, start=1):
            if not math.isfinite(loss):
                diverged = True
                break
            rates.append(rate)
            losses.append(loss)
            mean = loss if number == 1 else _KEPT * mean + (1.0 - _KEPT) * loss
            least = min(least, mean)
            diverged = number > _FEWEST and mean > least + (_DIVERGED - 1.0) * abs(least)
            if diverged:
                break
    if len(losses) < _FEWEST:
        raise DivergedError(
            f"the loss is NaN or infinite after {len(losses)} steps, at a learning rate of "
            f"{(rates or [lowest])[-1]:.3g}; start with a smaller one, or use another initializer"
        )
    smoothed = smoothed_curve(np.array(losses), steps / _WIDTHS)
    bottom = int(smoothed.argmin())
    return RangeTest(
        tuple(rates),
        tuple(losses),
        tuple(smoothed.tolist()),
        diverged,
        rates[bottom],
        falls_fastest(rates, np.array(losses), smoothed, bottom),
    )
