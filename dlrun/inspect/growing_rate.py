"""A training whose learning rate grows in every step."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import nullcontext

from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches
from dlrun.experiment.compile import Compiled
from dlrun.nn.graph.bound import Clock
from dlrun.nn.schedules.base import Schedule
from dlrun.training.augmented import augmented
from dlrun.training.initial_network import initial_network
from dlrun.training.plans import Plans
from dlrun.training.weight_update import WeightUpdate


class _Rise(Schedule):
    """A learning rate that grows by a constant factor in every step."""

    growth: float
    """The factor."""

    def factor(self, step: int, steps: int, epochs: int) -> float:
        """growth ** step."""
        return float(self.growth**step)


def growing(
    compiled: Compiled, lowest: float, highest: float, steps: int
) -> Generator[tuple[float, float]]:
    """The learning rate and the loss of every step."""
    rise = _Rise(growth=(highest / lowest) ** (1.0 / (steps - 1)))
    optimizer = compiled.experiment.optimizer.model_copy(update={"lr": lowest})
    changed = {"optimizer": optimizer, "schedule": rise, "average": None}
    experiment = compiled.experiment.model_copy(update=changed)
    network = initial_network(compiled)
    train, clock = compiled.data.train, Clock(seed=experiment.seed)
    batches = Batches(train, experiment.data.batch_size)
    changing = augmented(compiled, network)
    targets = train.targets if changing is None else changing.targets
    plans = Plans(network, batches, targets, clock)
    update = WeightUpdate(experiment, network, batches)
    made = 0
    total, samples = 0.0, 0
    with (
        changing or nullcontext(),
        Feed(batches, experiment.seed, steps, changing) as feed,  # an epoch makes at least a step
    ):
        while True:
            clock.epoch += 1
            for step in range(batches.steps):
                plan = plans.filled(feed, clock.epoch, step)
                clock.step += 1
                with network.in_use:
                    plan.forward()
                    total, samples = total + plan.weight * plan.loss(), samples + plan.weight
                    plan.backward()
                    update(plan.weight, last=step + 1 == batches.steps)
                if update.updater.pace.step == made:
                    continue  # gradients still add up
                made += 1
                yield update.lr, total / max(samples, 1)
                if made == steps:
                    return
                total, samples = 0.0, 0
