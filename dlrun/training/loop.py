"""The training loop: reads from top to bottom, yields events, and prints nothing."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches.feed import Feed
from dlrun.data.batches.order import Batches
from dlrun.data.dataset import Dataset
from dlrun.experiment.experiment import Experiment
from dlrun.inference.epoch_scores import Scores
from dlrun.inference.scores import evaluate, prefixed
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.bound import Clock
from dlrun.run_directory.ending import Ending, Kind, Status, said
from dlrun.training.augmented import Augmented
from dlrun.training.divergence import Watch
from dlrun.training.events import EpochEnded, Event, StepEnded
from dlrun.training.monitor import Monitor
from dlrun.training.plans import Plans
from dlrun.training.progress import Progress
from dlrun.training.stop import Stop
from dlrun.training.weight_update import WeightUpdate

_DIVERGED = Ending("diverged")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How training ended, before weights are restored and scored; see ``RunEnded``."""

    ended_by: Ending
    reason: str
    epochs: int

    @property
    def status(self) -> Status:
        """The status of a run that ends like this."""
        return self.ended_by.status


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a training.

    Attributes:
        experiment: the content of the spec.
        network: changed in place.
        update: updates its weights.
        train: the training set.
        augmented: makes augmented samples; None trains on the samples as they are.
        validation: the set that is scored after every epoch; None if there is none.
        metric: the name of the metric that ``monitor`` watches.
        watched: the name of the metric that the schedule watches; None if it watches none.
        monitor: receives the watched value after every epoch.
        best: (parameters,); receives a copy of the parameters whenever ``monitor`` reports an
            improvement.
        progress: where training starts, and then its current position.
    """

    experiment: Experiment
    network: Network
    update: WeightUpdate
    train: Dataset
    augmented: Augmented | None
    validation: Dataset | None
    metric: str
    watched: str | None
    monitor: Monitor
    best: Array
    progress: Progress


def fit(parts: Parts, stop: Stop) -> Generator[Event, None, Outcome]:
    """Train until all epochs are done, patience or time runs out, or a value is NaN or infinite.

    After each event, the parts are in the state that a checkpoint needs.

    Args:
        parts: the network, its data, and everything else that training uses.
        stop: asked after every step.
    """
    experiment, network, update = parts.experiment, parts.network, parts.update
    train, augmented, validation = parts.train, parts.augmented, parts.validation
    monitor, progress = parts.monitor, parts.progress
    batches, part = Batches(train, experiment.data.batch_size), network.probe.part
    clock = Clock(seed=experiment.seed, step=progress.epochs * batches.steps + progress.steps)
    targets, codes = (
        (train.targets, _same) if augmented is None else (augmented.targets, augmented.codes)
    )
    with part("setup"):
        plans = Plans(network, batches, targets, clock)
    full = plans.full
    likes = full.output, codes(full.targets), full.mask
    scores = Scores(network.loss, experiment.metrics, train.task, *likes)
    progress.follow(scores)
    watch = Watch(network, clock)

    if stop.halted and progress.epochs and not progress.steps and not monitor.exhausted:
        return _stopped(stop, progress.epochs)  # resumed where it was to end
    with (
        augmented or nullcontext(),
        Feed(batches, experiment.seed, experiment.epochs, augmented) as feed,
    ):
        for epoch in range(progress.epochs + 1, experiment.epochs + 1):
            if monitor.exhausted:
                break
            clock.epoch = epoch
            for step in range(progress.steps, batches.steps):
                with part("gather"):
                    plan = plans.filled(feed, epoch, step)
                clock.step += 1
                # Values that overflow are visible in the loss.
                with network.in_use, np.errstate(all="ignore"):
                    plan.forward()
                    loss = plan.loss()
                    plan.backward()
                    if not watch.fine(loss):
                        plan = plans.filled(feed, epoch, step)
                        reason = f"{watch.cause(plan, loss)} in epoch {epoch}, step {clock.step}"
                        return Outcome(_DIVERGED, _diverged(reason, update.lr), epoch - 1)
                    with part("optimizer"):
                        update(plan.weight, last=step + 1 == batches.steps)
                with part("metrics"):
                    scores.add(loss, plan.output, codes(plan.targets), plan.mask)
                progress.steps = step + 1
                network.probe.step_ended()
                yield StepEnded(epoch, step + 1, loss)
                if stop:
                    return _stopped(stop, epoch - 1)

            if bad := watch.weights():  # after the last step
                reason = f"{bad} in epoch {epoch}, step {clock.step}"
                return Outcome(_DIVERGED, _diverged(reason, update.lr), epoch - 1)
            update.end_epoch(epoch, full.memory)
            row = {
                "epoch": epoch,
                "step": clock.step,
                "seconds": 0.0,
                "lr": update.lr,
                **prefixed("train", scores.values()),
            }
            with update.scored():
                if validation is not None:
                    with part("validation"):
                        scored = evaluate(network, experiment.metrics, validation)
                    row |= prefixed("validation", scored)
                row["seconds"] = progress.seconds
                improved = monitor.record(epoch, row[parts.metric])
                if improved:
                    np.copyto(parts.best, network.parameters.values)
            update.record(parts.watched, row)
            progress.end_epoch()
            yield EpochEnded(
                epoch, row, improved, monitor.best_epoch, monitor.best, monitor.patience_left
            )
            if stop and epoch < experiment.epochs and not monitor.exhausted:
                return _stopped(stop, epoch)
    kind: Kind = "patience" if monitor.exhausted else "epochs"
    ended_by = Ending(kind, progress.epochs)
    return Outcome(ended_by, _completed(parts.metric, monitor), progress.epochs)


def _same(targets: Array) -> Array:
    return targets


_NEVER = "never beat the baseline"


def _completed(metric: str, monitor: Monitor) -> str:
    if not monitor.exhausted:
        return "all epochs are done"
    since = f"{metric} has not improved since epoch {monitor.best_epoch}"
    # Without a baseline, the first value that is not NaN is an improvement.
    never = f"{metric} {'was NaN in every epoch' if monitor.baseline is None else _NEVER}"
    return f"early stopping: {since if monitor.best_epoch else never}"


def _stopped(stop: Stop, epochs: int) -> Outcome:
    return Outcome(stop.ending, said(stop.ending), epochs)


def _diverged(what: str, lr: float) -> str:
    return f"{what}, at a learning rate of {lr:g}; try a smaller one, or another initializer"
