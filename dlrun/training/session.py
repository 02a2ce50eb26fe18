"""One training from end to end: a compiled experiment becomes a scored network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.batches.order import Batches
from dlrun.data.dataset import Dataset
from dlrun.experiment.compile import Compiled
from dlrun.experiment.early_stopping import EarlyStopping
from dlrun.inference.curves import collector
from dlrun.inference.scores import confusion, evaluate, prefixed
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.nn.parallel.blas import alone
from dlrun.nn.state import State, Stateful, exchange, joined, put, under
from dlrun.run_directory.curves import SetName
from dlrun.training.augmented import augmented
from dlrun.training.divergence import finite
from dlrun.training.events import Event, RunEnded, RunStarted, Trained
from dlrun.training.initial_network import initial_network
from dlrun.training.loop import Outcome, Parts, fit
from dlrun.training.monitor import Monitor
from dlrun.training.progress import Progress
from dlrun.training.recovery import Recovery
from dlrun.training.rehearsal import prepare_kernels
from dlrun.training.stop import Stop
from dlrun.training.weight_update import WeightUpdate


class Session:
    """A training that is about to start, running, or over; it writes and prints nothing.

    Attributes:
        network: after ``run``, with the weights that the spec asks to keep.
        best_epoch: counts from 1; 0 before there is one.
        update: updates the weights.
        progress: epochs and steps so far.
    """

    def __init__(self, compiled: Compiled, probe: Probe = UNWATCHED) -> None:
        self.compiled = compiled
        experiment = compiled.experiment
        self.network = initial_network(compiled, probe)
        self._best: Array | None = None
        self.progress = Progress()
        batches = Batches(compiled.data.train, experiment.data.batch_size)
        self.update = WeightUpdate(experiment, self.network, batches, compiled.watched_mode)
        self._final: Array | None = None
        self._restored = False
        rules = experiment.early_stopping
        self._monitor = Monitor(compiled.mode)
        if rules is not None:
            self._monitor = Monitor(
                compiled.mode, rules.patience, rules.min_delta, rules.baseline, rules.start_epoch
            )
        self._carried: Mapping[str, Stateful] = {
            "network": self.network.parameters,
            "descent": self.update,  # these keys are those in checkpoints, including old ones
            "monitor": self._monitor,
            "course": self.progress,
        }
        self._recovery = Recovery(
            experiment.on_divergence, self._carried, self.update, self.progress
        )

    @property
    def best(self) -> Array:
        """All parameters of the best epoch, flat; the initial ones before there is one.

        They are copied when they are first needed: while kernels are compiled, which takes as much
        memory, they take none.
        """
        if self._best is None:
            self._best = self.network.parameters.values.copy()
        return self._best

    @property
    def best_epoch(self) -> int:
        """The best epoch so far."""
        return self._monitor.best_epoch

    @property
    def last(self) -> Array:
        """All parameters that would be kept now, flat: the average, if there is one."""
        averaged = self.update.averaged
        if self._final is not None:
            return self._final
        if averaged is not None and averaged.begun:
            return averaged.values
        return self.network.parameters.values

    def state(self) -> State:
        """Everything that the rest of the training depends on; not available after ``Trained``."""
        parts = {name: each.state() for name, each in self._stateful().items()}
        return joined({**parts, "best": {"values": self.best} if self.best_epoch else {}})

    def places(self) -> State:
        """Arrays that a saved state can be read into before it is restored, by the same names.

        Restoring copies nothing of what it holds already.
        """
        return {**self.state(), "best.values": self.best}

    def restore(self, state: State) -> None:
        """Continue from a state, called before ``run``; the result is bit-identical.

        Args:
            state: returned by ``state`` in a training of the same experiment; arrays of it may be
                those of ``places``.

        Raises:
            KeyError, TypeError, ValueError: the state is not of such a training.
        """
        for name, each in self._stateful().items():
            each.restore(under(state, name))
        if self.best_epoch:
            put(self.best, under(state, "best")["values"])

    @property
    def finite(self) -> bool:
        """Whether all values of the state are finite, so that training can continue."""
        return all(
            finite(array)
            for name, array in self.state().items()
            if array.ndim and not name.startswith("course.")  # single values may not be known yet
        )

    def _stateful(self) -> Mapping[str, Stateful]:
        return {**self._carried, "recovery": self._recovery}

    def _parts(self) -> Parts:
        compiled = self.compiled
        return Parts(
            experiment=compiled.experiment,
            network=self.network,
            update=self.update,
            train=compiled.data.train,
            augmented=augmented(compiled, self.network),
            validation=compiled.data.validation,
            metric=compiled.monitor,
            watched=compiled.watched,
            monitor=self._monitor,
            best=self.best,
            progress=self.progress,
        )

    @property
    def kept(self) -> Literal["best", "last"]:
        """Which of the two weights the network has after training."""
        return "best" if self._restored else "last"

    def named(self, values: Array) -> dict[str, Array]:
        """``best`` or ``last`` as parameters by name, such as ``conv_1.kernel``."""
        return self.network.parameters.named(values)

    def run(self, stop: Stop, seconds: float = 0.0) -> Iterator[Event]:
        """Train, restore the best weights if the spec asks for it, and score; yields events.

        Args:
            stop: asked after every step.
            seconds: of training in earlier processes.
        """
        network, experiment = self.network, self.compiled.experiment
        self.progress.start(seconds)
        yield self._announcement()
        with alone():
            with network.probe.part("setup"):
                prepare_kernels(self.compiled, network)
            while True:
                events = fit(self._parts(), stop)
                outcome = yield from self._recovery.watched(events)
                restarted = self._recovery.go_back(outcome)
                if restarted is None:
                    break
                if self.best_epoch == 0:
                    np.copyto(self.best, network.parameters.values)
                yield restarted
            yield Trained(outcome.status, outcome.epochs)
            self.update.use_average()
            self._final = network.parameters.values
            self._restored = self._restores(experiment.early_stopping, outcome)
            if self._restored:  # the two are exchanged, so that there is no third copy
                exchange(self._final, self.best)
                self._final, self._best = self.best, self._final
            with network.probe.part("final scores"):
                ended = self._result(outcome, self.progress.seconds)
            yield ended

    def _restores(self, rules: EarlyStopping | None, outcome: Outcome) -> bool:
        if self._monitor.best_epoch == 0:
            return False
        return outcome.status == "diverged" or (rules is not None and rules.restore_best)

    def _announcement(self) -> RunStarted:
        experiment, data = self.compiled.experiment, self.compiled.data
        return RunStarted(
            name=experiment.name,
            epochs=experiment.epochs,
            steps=-(-len(data.train) // experiment.data.batch_size),
            samples=data.sizes,
            parameters=self.compiled.graph.parameter_count(),
            monitor=self.compiled.monitor,
            patience=self._monitor.patience,
            epoch=self.progress.epochs,
            step=self.progress.steps,
        )

    def _result(self, outcome: Outcome, seconds: float) -> RunEnded:
        data, experiment = self.compiled.data, self.compiled.experiment
        scores: dict[str, float] = {}
        counts, curves = None, None
        sets: dict[SetName, Dataset | None] = {"validation": data.validation, "test": data.test}
        scored = {name: part for name, part in sets.items() if part is not None}
        for name, part in scored.items():
            watch = collector(self.network.loss, part, name, scored, experiment.seed)
            found = evaluate(self.network, experiment.metrics, part, watch)
            scores |= prefixed(name, found)
            if watch is not None:
                with np.errstate(all="ignore"):  # as in evaluate
                    curves = watch.result()
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
            restarts=self._recovery.restarts,
            curves=curves,
        )
