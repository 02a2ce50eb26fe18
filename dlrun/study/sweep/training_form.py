"""Whether a training can continue with the settings of another spec.

A checkpoint contains the weights and the training state; everything else comes from the spec.  So
two specs must agree in everything that determines the checkpoint: the components, the data, the
steps of an epoch, the initial weights.  They may differ in what every step reads from the spec,
such as the learning rate.  Instead of a list of keys, both specs are built and compared.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.experiment.compile import Compiled
from dlrun.inference.scores import evaluate
from dlrun.nn.parallel.blas import alone
from dlrun.spec.component import Component
from dlrun.training.session import Session

_COMPARED_ELSEWHERE = frozenset({"params", "name", "log", "checkpoint"})
"""Keys of a spec that take effect in others, or change no result."""
_ROWS = 64
"""Samples whose outputs are compared, at most."""

Form = Mapping[str, str]
"""For each way in which two trainings can differ, as a predicate, a text that is then another."""


def form(compiled: Compiled) -> Form:
    """All that a checkpoint of a training has in common with it, as texts to be compared.

    Builds the network, and applies it to a few samples.

    Raises:
        SpecError: this machine has too little memory for the network.
    """
    experiment = compiled.experiment
    data = experiment.data.model_copy(update={"batch_size": 1})
    session = Session(compiled)
    state = session.state()
    watched = compiled.monitor, compiled.mode, compiled.watched, compiled.watched_mode
    sizes = {name: (array.shape, array.dtype.str) for name, array in state.items()}
    # A single value is a position, such as the number of the step, or is computed again from the
    # spec before it is used, such as the learning rate.
    arrays = [array for _, array in sorted(state.items()) if array.ndim]
    return {
        "exchanges components of the spec": repr(_components(experiment)),
        "changes the seed": str(experiment.seed),
        "changes the data": repr(data),
        "changes the metrics": repr((watched, experiment.metrics)),
        "changes the number of steps per epoch": repr(_steps(session)),
        "changes when the average of the weights starts": str(_start_of_average(compiled)),
        "changes the form of weights or optimizer state": repr(sorted(sizes.items())),
        "only changes the initial weights, which a fork does not use": _digest(arrays),
        "changes the output of the network for the same weights": _digest(_outputs(session)),
    }


def difference(one: Form, other: Form) -> str:
    """The first way in which two forms differ, as a predicate; empty if they do not."""
    return next((what for what in one if one[what] != other[what]), "")


def _components(value: Any) -> Any:
    """The kinds of components, and in place of each of their values nothing."""
    if isinstance(value, Component):
        fields = type(value).model_fields.keys() - _COMPARED_ELSEWHERE
        inner = {name: _components(getattr(value, name)) for name in sorted(fields)}
        return type(value).__qualname__, inner
    if isinstance(value, tuple | list):
        return [_components(item) for item in value]
    if isinstance(value, dict):
        return {key: _components(item) for key, item in value.items()}
    return None


def _steps(session: Session) -> tuple[int, int]:
    """Batches of an epoch, and steps of the optimizer, which schedules count."""
    compiled = session.compiled
    batches = -(-len(compiled.data.train) // compiled.experiment.data.batch_size)
    return batches, session.update.steps


def _start_of_average(compiled: Compiled) -> int | None:
    """The step or epoch with which the average starts; None if there is none."""
    rule, epochs = compiled.experiment.average, compiled.experiment.epochs
    if rule is None:
        return None
    counts = range(1, epochs + 1)
    return next((count for count in counts if rule.share(count) > 0), None)


def _outputs(session: Session) -> list[Array]:
    """Outputs in evaluation mode for the first samples, with the initial weights."""
    train, found = session.compiled.data.train, list[Array]()
    few = train.take(np.arange(min(_ROWS, len(train))))

    def keep(outputs: Array, targets: Array) -> None:
        found.append(outputs.copy())

    with alone():
        evaluate(session.network, (), few, keep)
    return found


def _digest(arrays: Iterable[Array]) -> str:
    found = hashlib.sha256()
    for array in arrays:
        found.update(repr((array.shape, array.dtype.str)).encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()
