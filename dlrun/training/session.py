"""One training from end to end: a compiled experiment becomes a scored network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches import Batches
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.nn.state import State, Stateful, joined, put, under
from dlrun.nn.threads import alone
from dlrun.training.augmented import augmented
from dlrun.training.compile import Compiled
from dlrun.training.course import Course
from dlrun.training.descent import Descent
from dlrun.training.early_stopping import EarlyStopping, Monitor
from dlrun.training.events import Event, RunEnded, RunStarted, Trained
from dlrun.training.fresh import fresh_network
from dlrun.training.loop import Outcome, fit
from dlrun.training.recovery import Recovery
from dlrun.training.scores import confusion, evaluate, prefixed
from dlrun.training.stop import Stop


class Session:
    """A training that is about to start, under way, or over; it writes and shows nothing.

    Attributes:
        network: behind ``run``, with the weights that the spec asks to keep.
        best: all parameters of the best epoch, flat; those of the start before there is one.
        best_epoch: counts from 1; 0 before there is one.
        descent: what changes the weights.
        course: where training is.
    """

    def __init__(self, compiled: Compiled, probe: Probe = UNWATCHED) -> None:
        self.compiled = compiled
        experiment = compiled.experiment
        self.network = fresh_network(compiled, probe)
        self.best: Array = self.network.parameters.values.copy()
        self.course = Course()
        batches = Batches(compiled.data.train, experiment.data.batch_size)
        descent = probe.part("setup", Descent)
        self.descent = descent(experiment, self.network, batches, compiled.watched_mode)
        self._settled: Array | None = None
        self._restored = False
        rules = experiment.early_stopping
        self._monitor = Monitor(compiled.mode)
        if rules is not None:
            self._monitor = Monitor(
                compiled.mode, rules.patience, rules.min_delta, rules.baseline, rules.start_epoch
            )
        self._carried: Mapping[str, Stateful] = {
            "network": self.network.parameters,
            "descent": self.descent,
            "monitor": self._monitor,
            "course": self.course,
        }
        self._recovery = Recovery(
            experiment.on_divergence, self._carried, self.descent, self.course
        )

    @property
    def best_epoch(self) -> int:
        """The best epoch so far."""
        return self._monitor.best_epoch

    @property
    def last(self) -> Array:
        """All parameters as they would be kept now, flat: the average, if there is one."""
        averaged = self.descent.averaged
        if self._settled is not None:
            return self._settled
        if averaged is not None and averaged.begun:
            return averaged.values
        return self.network.parameters.values

    def state(self) -> State:
        """All that the rest of the training depends on; behind ``Trained`` there is none."""
        parts = {name: each.state() for name, each in self._parts().items()}
        return joined({**parts, "best": {"values": self.best} if self.best_epoch else {}})

    def restore(self, state: State) -> None:
        """Before ``run``: go on from what ``state`` gave, to the bits that it would have led to.

        Raises:
            KeyError, TypeError, ValueError: it is not of such a training.
        """
        for name, each in self._parts().items():
            each.restore(under(state, name))
        if self.best_epoch:
            put(self.best, under(state, "best")["values"])

    @property
    def finite(self) -> bool:
        """Whether all that it carries are numbers with which training can go on."""
        return all(
            np.isfinite(array).all()
            for name, array in self.state().items()
            if array.ndim and not name.startswith("course.")  # single ones may not be known yet
        )

    def _parts(self) -> Mapping[str, Stateful]:
        return {**self._carried, "recovery": self._recovery}

    @property
    def kept(self) -> Literal["best", "last"]:
        """Which of the two the network has when training is over."""
        return "best" if self._restored else "last"

    def named(self, values: Array) -> dict[str, Array]:
        """``best`` or ``last`` cut into parameters by name, as ``conv_1.kernel``."""
        return self.network.parameters.named(values)

    def run(self, stop: Stop, seconds: float = 0.0) -> Iterator[Event]:
        """Train, restore the best weights if the spec says so, and score; yields what happens.

        Args:
            stop: asked after every step.
            seconds: that training has taken before, in other processes.
        """
        compiled, network = self.compiled, self.network
        experiment, data = compiled.experiment, compiled.data
        self.course.start(seconds)
        yield self._announcement()
        with alone():
            while True:
                events = fit(
                    experiment,
                    network,
                    self.descent,
                    data.train,
                    augmented(compiled, network),
                    data.validation,
                    compiled.monitor,
                    compiled.watched,
                    self._monitor,
                    self.best,
                    self.course,
                    stop,
                )
                outcome = yield from self._recovery.watched(events)
                restarted = self._recovery.go_back(outcome)
                if restarted is None:
                    break
                if self.best_epoch == 0:
                    np.copyto(self.best, network.parameters.values)
                yield restarted
            yield Trained(outcome.status, outcome.epochs)
            self.descent.settle()
            self._settled = network.parameters.values.copy()
            self._restored = self._restores(experiment.early_stopping, outcome)
            if self._restored:
                np.copyto(network.parameters.values, self.best)
            result = network.probe.part("final scores", self._result)
            yield result(outcome, self.course.seconds)

    def _restores(self, rules: EarlyStopping | None, outcome: Outcome) -> bool:
        if self._monitor.best_epoch == 0:
            return False
        return outcome.status == "diverged" or (rules is not None and rules.restore_best)

    def _announcement(self) -> RunStarted:
        experiment, data = self.compiled.experiment, self.compiled.data
        parts = {"train": data.train, "validation": data.validation, "test": data.test}
        samples = {name: len(part) for name, part in parts.items() if part is not None}
        return RunStarted(
            name=experiment.name,
            epochs=experiment.epochs,
            steps=-(-len(data.train) // experiment.data.batch_size),
            samples=samples,
            parameters=self.compiled.graph.parameter_count(),
            monitor=self.compiled.monitor,
            patience=self._monitor.patience,
            epoch=self.course.epochs,
            step=self.course.steps,
        )

    def _result(self, outcome: Outcome, seconds: float) -> RunEnded:
        data, metrics = self.compiled.data, self.compiled.experiment.metrics
        scores: dict[str, float] = {}
        counts = None
        for name, part in (("validation", data.validation), ("test", data.test)):
            if part is not None:
                scores |= prefixed(name, evaluate(self.network, metrics, part))
                if part.task == "classification" and part.classes is not None:
                    counts = confusion(self.network, part, len(part.classes))
        return RunEnded(
            status=outcome.status,
            ended_by=outcome.ended_by,
            reason=outcome.reason,
            epochs=outcome.epochs,
            best_epoch=self._monitor.best_epoch,
            metrics=scores,
            seconds=seconds,
            confusion=counts,
            classes=data.train.classes if counts is not None else None,
        )
