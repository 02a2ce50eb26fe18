"""From a batch's gradients to new weights: what a run does between backward and the next batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.nn.accumulator import Accumulator
from dlrun.nn.average import Averaged
from dlrun.nn.network import Network
from dlrun.nn.state import State, Stateful, joined, under
from dlrun.nn.updater import Updater
from dlrun.training.early_stopping import Mode
from dlrun.training.experiment import Experiment
from dlrun.training.statistics import estimate


class Descent:
    """The optimizer of a run with all that stands around it; call it behind every backward.

    In this order: gradients of ``accumulate`` batches are added up, the penalty is added, they are
    clipped, the optimizer makes its step, and the weights go into the average.

    Args:
        experiment: what the spec says.
        network: changed in place.
        batches: of the training part.
        mode: whether less or more of what the schedule watches is better.

    Attributes:
        updater: the optimizer's arrays, and the number of steps that it has made.
        accumulator: gradients that wait for more; None where each batch is a step.
        averaged: the average; None where the spec has none.
        plateau: what the schedule watches; None where that is nothing.
        steps: that an epoch makes.
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
        self._estimate = network.probe.part("running statistics", estimate)
        self.plateau = experiment.schedule.plateau(mode)
        self._slowdown = 1.0
        self.updater.pace.lr = self._rate()

    @property
    def lr(self) -> float:
        """The learning rate of the last step; that of the first before there is one."""
        return self.updater.pace.lr

    def __call__(self, samples: int, *, last: bool) -> None:
        """Take in the gradients of a batch, and make a step if it is time.

        Args:
            samples: in the batch, or valid steps where these count; see ``Plan.weight``.
            last: whether the epoch ends with it, which is always time.
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
        """Let the weights of the epoch into an average of epochs.

        Args:
            epoch: counts from 1.
            memory: of the training plan.
        """
        averaged = self.averaged
        if averaged is None or averaged.rule.every != "epoch":
            return
        averaged.take_in(epoch)
        if averaged.begun and averaged.rule.estimates:
            with averaged.in_place():
                self._estimate(self._network, self._batches, self._experiment.seed, memory)

    @contextmanager
    def scored(self) -> Iterator[None]:
        """Within, the network has the weights to be scored: the average, if there is one."""
        if self.averaged is None:
            yield
        else:
            with self.averaged.in_place():
                yield

    def settle(self) -> None:
        """Leave the network with the weights to be scored and kept."""
        if self.averaged is not None and self.averaged.begun:
            self.averaged.exchange()

    def slow_down(self, factor: float) -> None:
        """Multiply every rate from here on by a factor, which takes the place of one before."""
        self._slowdown = factor
        self.updater.pace.lr = self._rate()

    def record(self, watched: str | None, row: Mapping[str, float]) -> None:
        """Show the schedule what it watches in an epoch's metrics."""
        if self.plateau is not None and watched is not None:
            self.plateau.record(int(row["epoch"]), row[watched])

    def state(self) -> State:
        """What its parts carry on, and the batches that wait."""
        parts = {name: part.state() for name, part in self._parts().items()}
        own = {"waiting": np.asarray(self._waiting), "slowdown": np.asarray(self._slowdown)}
        return {**own, **joined(parts)}

    def restore(self, state: State) -> None:
        """Go on with it."""
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
