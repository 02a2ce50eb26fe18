"""The learning rate range test: a short training in which the rate grows until the loss diverges.

Smith, "Cyclical learning rates for training neural networks", WACV 2017.
"""

from __future__ import annotations

import math
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.data.feed import Feed
from dlrun.errors import DivergedError
from dlrun.nn.layer import Clock
from dlrun.nn.schedule import Schedule
from dlrun.nn.threads import alone
from dlrun.training.augmented import augmented
from dlrun.training.compile import Compiled
from dlrun.training.descent import Descent
from dlrun.training.fresh import fresh_network
from dlrun.training.plans import Plans

_FEWEST = 10
"""Steps without which nothing can be said."""

_KEPT = 0.9
"""How much a running mean of the loss keeps in a step; it tells when to stop."""

_DIVERGED = 4.0
"""How many times its least value the running mean has to be for the test to stop."""

_WIDTHS = 40
"""So many times the deviation of the window that smooths the curve is as long as the curve."""

_FALL = 0.02
"""The part of its first value by which the loss has to fall for a suggestion."""

_NOISE = 2.0
"""How many times the deviation of single losses from the curve it has to fall, too; the curve of a
loss that only wavers has a range of less."""


@dataclass(frozen=True, slots=True)
class RangeTest:
    """The loss by learning rate.

    Attributes:
        rates: of the steps, growing by one factor; up to where the test stopped.
        losses: of the batches of each step, before it was made.
        smoothed: the same, each a mean of its neighbours, near ones weighing more.
        diverged: whether it stopped because the loss did.
        least: the rate at which ``smoothed`` is least.
        suggestion: the rate below ``least`` at which ``smoothed`` falls fastest with the rate's
            logarithm; None where it hardly falls, compared with its noise.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    diverged: bool
    least: float
    suggestion: float | None


def find_lr(compiled: Compiled, lowest: float, highest: float, steps: int) -> RangeTest:
    """Train a fresh network while its rate grows, and look at the loss.

    Everything is as in the experiment's own training, but for schedule and average.

    Args:
        compiled: the experiment.
        lowest: the first rate.
        highest: the last rate, above it.
        steps: from one to the other, at least 20; the training part is gone through as often as
            it takes.

    Raises:
        DivergedError: there are fewer than 10 steps with a finite loss.
    """
    rates, losses, diverged = [], [], False
    mean = least = math.inf
    trained = _trained(compiled, lowest, highest, steps)
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
            f"the loss is no longer finite after {len(losses)} steps, at a learning rate of "
            f"{(rates or [lowest])[-1]:.3g}; begin with a smaller one, or use another initializer"
        )
    smoothed = _smoothed(np.array(losses), steps / _WIDTHS)
    bottom = int(smoothed.argmin())
    return RangeTest(
        tuple(rates),
        tuple(losses),
        tuple(smoothed.tolist()),
        diverged,
        rates[bottom],
        _suggestion(rates, np.array(losses), smoothed, bottom),
    )


class _Rise(Schedule):
    """A rate that grows by one factor in every step."""

    growth: float
    """The factor."""

    def factor(self, step: int, steps: int, epochs: int) -> float:
        """growth ** step."""
        return float(self.growth**step)


def _trained(
    compiled: Compiled, lowest: float, highest: float, steps: int
) -> Generator[tuple[float, float]]:
    """The rate and the loss of every step."""
    rise = _Rise(growth=(highest / lowest) ** (1.0 / (steps - 1)))
    optimizer = compiled.experiment.optimizer.model_copy(update={"lr": lowest})
    changed = {"optimizer": optimizer, "schedule": rise, "average": None}
    experiment = compiled.experiment.model_copy(update=changed)
    network = fresh_network(compiled)
    train, clock = compiled.data.train, Clock(seed=experiment.seed)
    batches = Batches(train, experiment.data.batch_size)
    changing = augmented(compiled, network)
    targets = train.targets if changing is None else changing.targets
    plans = Plans(network, batches, targets, clock)
    descent = Descent(experiment, network, batches)
    made = 0
    total, samples = 0.0, 0
    with Feed(batches, experiment.seed, steps, changing) as feed:  # each makes a step at least
        while True:
            clock.epoch += 1
            for step in range(batches.steps):
                plan = plans.filled(feed, clock.epoch, step)
                clock.step += 1
                with network.in_use:
                    plan.forward()
                    total, samples = total + plan.weight * plan.loss(), samples + plan.weight
                    plan.backward()
                    descent(plan.weight, last=step + 1 == batches.steps)
                if descent.updater.pace.step == made:
                    continue  # gradients still add up
                made += 1
                yield descent.lr, total / max(samples, 1)
                if made == steps:
                    return
                total, samples = 0.0, 0


def _smoothed(losses: Array, width: float) -> Array:
    """Means over neighbours, weighing as the normal density with a deviation of ``width``."""
    places = np.arange(len(losses))
    weights = np.exp(-0.5 * np.square((places[:, None] - places) / width))
    means: Array = weights @ losses / weights.sum(axis=1)
    return means


def _suggestion(rates: list[float], losses: Array, smoothed: Array, bottom: int) -> float | None:
    first, noise = float(smoothed[0]), float((losses - smoothed)[: bottom + 1].std())
    if bottom < 2 or first - smoothed[bottom] < max(_FALL * abs(first), _NOISE * noise):
        return None
    slopes = np.gradient(smoothed[: bottom + 1], np.log(rates[: bottom + 1]))
    return rates[int(slopes.argmin())]
