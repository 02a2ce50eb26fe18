"""From the gradients of a batch to new weights: everything between two batches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches.order import Batches
from dlrun.experiment.early_stopping import Mode
from dlrun.experiment.experiment import Experiment
from dlrun.nn.averages.base import Averaged
from dlrun.nn.engine.network import Network
from dlrun.nn.optimization.accumulator import Accumulator
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.state import State, Stateful, joined, under
from dlrun.training.running_statistics import estimate


class WeightUpdate:
    """The optimizer of a run with everything around it; call it after every backward pass.

    In this order: gradients of ``accumulate`` batches are added up, the penalty is added, they are
    clipped, the optimizer makes its step, and the weights are added to the average.

    Args:
        experiment: the content of the spec.
        network: changed in place.
        batches: of the training set.
        mode: whether lower or higher values of the metric that the schedule watches are better.

    Attributes:
        updater: the optimizer's arrays, and the number of steps so far.
        accumulator: sum of gradients of several batches; None if each batch is a step.
        averaged: the average; None if the spec has none.
        plateau: follows the metric that the schedule watches; None if it watches none.
        steps: number of steps per epoch.
    """

    def __init__(
        self, experiment: Experiment, network: Network, batches: Batches, mode: Mode = "min"
    ) -> None:
        self._experiment, self._network, self._batches = experiment, network, batches
        self.steps = -(-batches.steps // experiment.accumulate)
        self._waiting = 0
        self.updater = Updater(experiment.optimizer, network, experiment.weight_decay)
        self.accumulator = Accumulator(network) if experiment.accumulate > 1 else None
        around = [each for each in (experiment.penalty, experiment.clip) if each is not None]
        self._prepare = [each.bind(network) for each in around]
        self.averaged = (
            None if experiment.average is None else Averaged(experiment.average, network)
        )
        self.plateau = experiment.schedule.plateau(mode)
        self._slowdown = 1.0
        self.updater.pace.lr = self._rate()

    @property
    def lr(self) -> float:
        """The learning rate of the last step; before the first step, that of the first."""
        return self.updater.pace.lr

    def __call__(self, samples: int, *, last: bool) -> None:
        """Add the gradients of a batch, and make a step after the last of ``accumulate`` batches.

        Args:
            samples: in the batch, or unmasked steps if these count; see ``Plan.weight``.
            last: whether the epoch ends with it, which always makes a step.
        """
        if self.accumulator is not None:
            self.accumulator.add(samples)
            self._waiting += 1
            if self._waiting < self._experiment.accumulate and not last:
                return
            self.accumulator.release()
            self._waiting = 0
        pace = self.updater.pace
        pace.lr = self._rate()
        pace.step += 1
        for prepare in self._prepare:
            prepare()
        self.updater()
        if self.averaged is not None and self.averaged.rule.every == "step":
            self.averaged.take_in(pace.step)

    def end_epoch(self, epoch: int, memory: Array) -> None:
        """Add the weights of the epoch to an average of epochs.

        Args:
            epoch: counts from 1.
            memory: of the training plan.
        """
        averaged = self.averaged
        if averaged is None or averaged.rule.every != "epoch":
            return
        averaged.take_in(epoch)
        if averaged.begun and averaged.rule.estimates:
            with self._network.probe.part("running statistics"), averaged.in_place():
                estimate(self._network, self._batches, self._experiment.seed, memory)

    @contextmanager
    def scored(self) -> Iterator[None]:
        """Within, the network has the weights to score: the average, if there is one."""
        if self.averaged is None:
            yield
        else:
            with self.averaged.in_place():
                yield

    def use_average(self) -> None:
        """Give the network the weights to score and keep: the average, if there is one."""
        if self.averaged is not None and self.averaged.begun:
            self.averaged.exchange()

    def slow_down(self, factor: float) -> None:
        """Multiply every learning rate from here on by a factor, which replaces any earlier one."""
        self._slowdown = factor
        self.updater.pace.lr = self._rate()

    def record(self, watched: str | None, row: Mapping[str, float]) -> None:
        """Pass the metric that the schedule watches to it, once per epoch."""
        if self.plateau is not None and watched is not None:
            self.plateau.record(int(row["epoch"]), row[watched])

    def state(self) -> State:
        """The state of its parts, and the number of batches since the last step."""
        parts = {name: part.state() for name, part in self._parts().items()}
        own = {"waiting": np.asarray(self._waiting), "slowdown": np.asarray(self._slowdown)}
        return {**own, **joined(parts)}

    def restore(self, state: State) -> None:
        """Continue from a state."""
        self._waiting, self._slowdown = state["waiting"].item(), state["slowdown"].item()
        for name, stateful in self._parts().items():
            stateful.restore(under(state, name))

    def _parts(self) -> Mapping[str, Stateful]:
        parts = {
            "optimizer": self.updater,
            "accumulator": self.accumulator,
            "average": self.averaged,
            "plateau": self.plateau,
        }
        return {name: part for name, part in parts.items() if part is not None}

    def _rate(self) -> float:
        factor = self._experiment.schedule.factor(
            self.updater.pace.step, self.steps, self._experiment.epochs
        )
        fallen = 1.0 if self.plateau is None else self.plateau.factor
        return self._experiment.optimizer.lr * factor * fallen * self._slowdown
