"""The training loop: it reads top to bottom, yields what happens, and prints nothing."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.data.dataset import Dataset
from dlrun.data.feed import Feed
from dlrun.nn.layer import Clock
from dlrun.nn.network import Network
from dlrun.runs.ending import Ending, Kind, Status, said
from dlrun.training.augmented import Augmented
from dlrun.training.course import Course
from dlrun.training.descent import Descent
from dlrun.training.divergence import Watch
from dlrun.training.early_stopping import Monitor
from dlrun.training.events import EpochEnded, Event, StepEnded
from dlrun.training.experiment import Experiment
from dlrun.training.plans import Plans
from dlrun.training.scores import Scores, evaluate, prefixed
from dlrun.training.stop import Stop

_DIVERGED = Ending("diverged")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How training ended, before anything is restored or scored: see ``RunEnded``."""

    ended_by: Ending
    reason: str
    epochs: int

    @property
    def status(self) -> Status:
        """What that means for the run."""
        return self.ended_by.status


def fit(
    experiment: Experiment,
    network: Network,
    descent: Descent,
    train: Dataset,
    augmented: Augmented | None,
    validation: Dataset | None,
    metric: str,
    watched: str | None,
    monitor: Monitor,
    best: Array,
    course: Course,
    stop: Stop,
) -> Generator[Event, None, Outcome]:
    """Train until the epochs, patience or time are over, or a number is not finite.

    Behind each event everything is as it is stored to go on from there.

    Args:
        experiment: what to do.
        network: changed in place.
        descent: what changes it.
        train: the samples to learn from.
        augmented: makes changed ones of them; None takes them as they are.
        validation: samples that every epoch is scored on; None scores nothing.
        metric: the name of what ``monitor`` watches.
        watched: the name of what the schedule watches; None where that is nothing.
        monitor: told the watched value of every epoch.
        best: filled with a copy of the parameters in every epoch that ``monitor`` calls better.
        course: where training starts, and then where it is.
        stop: asked after every step.
    """
    batches, part = Batches(train, experiment.data.batch_size), network.probe.part
    clock = Clock(seed=experiment.seed, step=course.epochs * batches.steps + course.steps)
    targets, codes = (
        (train.targets, _same) if augmented is None else (augmented.targets, augmented.codes)
    )
    plans = part("setup", Plans)(network, batches, targets, clock)
    full = plans.full
    likes = full.output, codes(full.targets), full.mask
    scores = Scores(network.loss, experiment.metrics, train.task, *likes)
    course.follow(scores)
    update = part("optimizer", descent)
    watch = Watch(network, clock)
    score, validate = part("metrics", scores.add), part("validation", evaluate)

    with Feed(batches, experiment.seed, experiment.epochs, augmented) as feed:
        gather = part("gather", partial(plans.filled, feed))
        for epoch in range(course.epochs + 1, experiment.epochs + 1):
            if monitor.exhausted:
                break
            clock.epoch = epoch
            for step in range(course.steps, batches.steps):
                plan = gather(epoch, step)
                clock.step += 1
                # Numbers that overflow show in the loss.
                with network.in_use, np.errstate(all="ignore"):
                    plan.forward()
                    loss = plan.loss()
                    plan.backward()
                    if not watch.fine(loss):
                        plan = gather(epoch, step)
                        reason = f"{watch.cause(plan, loss)} in epoch {epoch}, step {clock.step}"
                        return Outcome(_DIVERGED, _diverged(reason, descent.lr), epoch - 1)
                    update(plan.weight, last=step + 1 == batches.steps)
                score(loss, plan.output, codes(plan.targets), plan.mask)
                course.steps = step + 1
                network.probe.step_ended()
                yield StepEnded(epoch, step + 1, loss)
                if stop:
                    return _stopped(stop, epoch - 1)

            if bad := watch.weights():  # the last step did it
                reason = f"{bad} in epoch {epoch}, step {clock.step}"
                return Outcome(_DIVERGED, _diverged(reason, descent.lr), epoch - 1)
            descent.end_epoch(epoch, full.memory)
            row = {
                "epoch": epoch,
                "step": clock.step,
                "seconds": 0.0,
                "lr": descent.lr,
                **prefixed("train", scores.values()),
            }
            with descent.scored():
                if validation is not None:
                    row |= prefixed("validation", validate(network, experiment.metrics, validation))
                row["seconds"] = course.seconds
                improved = monitor.record(epoch, row[metric])
                if improved:
                    np.copyto(best, network.parameters.values)
            descent.record(watched, row)
            course.end_epoch()
            yield EpochEnded(
                epoch, row, improved, monitor.best_epoch, monitor.best, monitor.patience_left
            )
            if stop and epoch < experiment.epochs and not monitor.exhausted:
                return _stopped(stop, epoch)
    kind: Kind = "patience" if monitor.exhausted else "epochs"
    ended_by = Ending(kind, course.epochs)
    return Outcome(ended_by, _completed(metric, monitor), course.epochs)


def _same(targets: Array) -> Array:
    return targets


_NEVER = "never beat the baseline"


def _completed(metric: str, monitor: Monitor) -> str:
    if not monitor.exhausted:
        return "all epochs are done"
    since = f"{metric} has not improved since epoch {monitor.best_epoch}"
    # Without a baseline every number is an improvement at first.
    never = f"{metric} {'was NaN in every epoch' if monitor.baseline is None else _NEVER}"
    return f"early stopping: {since if monitor.best_epoch else never}"


def _stopped(stop: Stop, epochs: int) -> Outcome:
    return Outcome(stop.ending, said(stop.ending), epochs)


def _diverged(what: str, lr: float) -> str:
    return f"{what}, at a learning rate of {lr:g}; try a smaller one, or another initializer"
