"""A network in a run directory: what is kept with its weights, and how it comes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset, Task
from dlrun.data.given import numbers_of
from dlrun.data.pipeline import Pipeline
from dlrun.data.preprocessor import Columns
from dlrun.data.source import Source
from dlrun.data.table import Table
from dlrun.errors import DataError
from dlrun.nn.graph import build_graph
from dlrun.nn.network import Network
from dlrun.nn.state import State
from dlrun.nn.threads import alone
from dlrun.runs.directory import RunDirectory
from dlrun.training.compile import read_trained
from dlrun.training.room import need_room
from dlrun.training.session import Session

Which = Literal["best", "last"]

_PREPROCESS = "preprocess."
"""Prefix of what the pipeline learned, beside the parameters of the network."""

_TRAINING = "training."
"""Prefix of what else training needs to go on; see ``dlrun.training.resume``."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A trained network with the pipeline that its inputs go through.

    Attributes:
        task: what it was trained for.
        classes: names of the classes or labels; None in regression.
        sample_shape: shape of a sample as the source gives it.
        source: of the training data.
        scaled: see ``Dataset``; None for runs that did not keep it.
    """

    network: Network
    pipeline: Pipeline
    task: Task
    classes: tuple[str, ...] | None
    sample_shape: tuple[int, ...]
    source: Source
    scaled: bool | None

    @property
    def like(self) -> Dataset:
        """No samples, of the form of those that the network was trained on."""
        return Dataset(
            np.empty((0, *self.sample_shape), np.float32),
            np.empty(0, np.int64),
            self.task,
            self.classes,
            self.pipeline.before,
            scaled=self.scaled,
        )

    def predict(self, inputs: Array | Sequence[str]) -> Array:
        """What the network says of samples as the source gives them.

        Args:
            inputs: (n, *sample shape), or n texts.

        Returns:
            (n, classes) probabilities, (n, 1) probability of the second of two classes,
            (n, labels) probabilities, or numbers: what the loss of the run makes of its outputs.

        Raises:
            DataError: the samples have another shape, or are no numbers or texts.
        """
        if self.pipeline.vocabulary is not None:
            with alone():
                return self.network.predict(self.pipeline.transform(_texts(inputs)))
        named = self.pipeline.before if isinstance(self.source, Table) else None
        samples = self.source.of_array(numbers_of(inputs, named), self.like)
        if samples.shape[1:] != self.sample_shape:
            raise DataError(
                f"predict takes samples of {self.sample_shape} in an array "
                f"(n, {', '.join(map(str, self.sample_shape))}), got {samples.shape}"
            )
        transformed = self.pipeline.transform(samples)
        self._need_finite(samples, transformed)
        with alone():
            return self.network.predict(transformed)

    def _need_finite(self, samples: Array, transformed: Array) -> None:
        """Check that a network can read samples after the steps.

        Raises:
            DataError: a value is missing that no step fills in, or is infinite.
        """
        if np.isfinite(transformed).all():
            return
        finite = np.isfinite(transformed.reshape(len(transformed), -1)).all(axis=1)
        row = int(np.argmin(finite))
        if not np.isnan(samples[row]).any():
            raise DataError(
                f"predict: sample {row} has values that are infinite as 32-bit numbers after the "
                "run's preprocessing"
            )
        gaps = [
            column.name  # a category that is missing is none of all
            for column, value in zip(self.pipeline.before or (), samples[row], strict=False)
            if not column.categorical and np.isnan(value)
        ]
        where = f" in column '{gaps[0]}'" if gaps else ""
        raise DataError(
            f"predict: sample {row} has NaN{where}, and the run has no impute to fill it in"
        )


def _texts(inputs: Array | Sequence[str]) -> Array:
    """Texts to predict, (n,) objects.

    Raises:
        DataError: there are others, or an empty one.
    """
    if isinstance(inputs, str):
        raise DataError("predict takes a list of texts, got one; put it in brackets")
    for number, text in enumerate(inputs):
        if not isinstance(text, str):
            raise DataError(f"predict takes texts; number {number} is a {type(text).__name__}")
        if not text.strip():
            raise DataError(f"predict takes texts that say something; number {number} is empty")
    return np.array(inputs, dtype=object)


def save(
    session: Session,
    directory: RunDirectory,
    which: Which,
    epoch: int,
    training: State = MappingProxyType({}),
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Write a checkpoint.

    Args:
        session: whose parameters ``best`` or ``last`` are kept.
        directory: the run's.
        which: which of the two.
        epoch: the last epoch that they have seen to its end.
        training: what else is needed to go on with training.
        beside: what is noted of it in the manifest.
    """
    data = session.compiled.data
    arrays = session.named(session.best if which == "best" else session.last)
    pipeline = {_PREPROCESS + name: array for name, array in data.pipeline.state().items()}
    metadata = {
        "epoch": epoch,
        "task": data.train.task,
        "classes": data.train.classes,
        "columns": _columns_as_json(data.pipeline.before),
        "source_shape": data.source_shape,
        "sample_shape": data.sample_shape,
        "scaled": data.train.scaled,
    }
    rest = {_TRAINING + name: array for name, array in training.items()}
    directory.save_weights(which, {**arrays, **pipeline, **rest}, metadata, beside)


def divided(arrays: Mapping[str, Array]) -> tuple[State, State, State]:
    """The arrays of a checkpoint: parameters, what the pipeline learned, the rest of training."""
    parts: dict[str, dict[str, Array]] = {"": {}, _PREPROCESS: {}, _TRAINING: {}}
    for name, array in arrays.items():
        prefix = next((each for each in (_PREPROCESS, _TRAINING) if name.startswith(each)), "")
        parts[prefix][name.removeprefix(prefix)] = array
    return parts[""], parts[_PREPROCESS], parts[_TRAINING]


def load(directory: RunDirectory, which: Which) -> Stored:
    """Read a checkpoint back.

    Raises:
        DataError: it is missing, broken, or not one of this run's spec.
    """
    weights = directory.load_weights(which)
    experiment = read_trained(directory.resolved_file)
    try:
        known = weights.metadata
        graph = build_graph(experiment.model, tuple(known["sample_shape"]))
        need_room(graph, samples=1)
        network = Network(graph, experiment.loss)
        values, state, _ = divided(weights.arrays)
        columns = _columns_from_json(known["columns"])
        pipeline = Pipeline.restore(experiment.data.preprocess, columns, state)
        _need_the_same(values, network.parameters.named())
        for name, value in network.parameters.named().items():
            np.copyto(value, values[name], casting="no")
        classes = None if known["classes"] is None else tuple(known["classes"])
        return Stored(
            network,
            pipeline,
            known["task"],
            classes,
            tuple(known["source_shape"]),
            experiment.data.source,
            known.get("scaled"),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise DataError(
            f"{directory.checkpoints}: the {which} weights are not those of "
            f"{directory.resolved_file.name}: {fault}"
        ) from fault


def _need_the_same(found: Mapping[str, Array], needed: Mapping[str, Array]) -> None:
    """Check names and shapes, of which NumPy would stretch some that do not fit.

    Raises:
        ValueError: they differ.
    """
    for name in sorted(found.keys() | needed.keys()):
        shapes = [each[name].shape if name in each else "nothing" for each in (found, needed)]
        if shapes[0] != shapes[1]:
            raise ValueError(f"{name} is {shapes[0]} in the file and {shapes[1]} in the spec")


def _columns_as_json(columns: Columns) -> Any:
    if columns is None:
        return None
    return [{"name": column.name, "categories": column.categories} for column in columns]


def _columns_from_json(found: Any) -> Columns:
    if found is None:
        return None
    return tuple(
        Column(each["name"], None if each["categories"] is None else tuple(each["categories"]))
        for each in found
    )
