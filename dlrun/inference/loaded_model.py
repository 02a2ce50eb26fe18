"""A trained network with its preprocessing, and its predictions for arrays and texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Task
from dlrun.data.given import numbers_of
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.data.sources.base import Source
from dlrun.data.sources.forms.table import Table
from dlrun.data.tables.date_columns import DateColumns
from dlrun.data.target_scaling import TargetScaling
from dlrun.errors import DataError
from dlrun.experiment.target import real_steps
from dlrun.nn.engine.network import Network
from dlrun.nn.parallel.blas import alone


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A trained network with the pipeline that preprocesses its inputs.

    Attributes:
        network: with the saved weights.
        pipeline: fitted on the training set.
        task: what it was trained for.
        classes: names of the classes or labels; None in regression.
        sample_shape: shape of a sample of the source, before preprocessing.
        source: of the training data.
        scaled: see ``Dataset``; None for runs of versions that did not save it.
        target_scaling: see ``Prepared``.
        new_categories: see ``DataSection``.
    """

    network: Network
    pipeline: Pipeline
    task: Task
    classes: tuple[str, ...] | None
    sample_shape: tuple[int, ...]
    source: Source
    scaled: bool | None
    target_scaling: TargetScaling | None = None
    new_categories: bool = False

    @property
    def like(self) -> Dataset:
        """An empty dataset in the form of the training set."""
        return Dataset(
            np.empty((0, *self.sample_shape), np.float32),
            np.empty((0, *self._target_shape), np.int64),
            self.task,
            self.classes,
            self.pipeline.before,
            scaled=self.scaled,
        )

    @property
    def _target_shape(self) -> tuple[int, ...]:
        """Shape of a sample's target, which follows from that of the network's output."""
        output = self.network.graph.output.shape
        return output[:-1] if self.task == "classification" else output

    @property
    def dates(self) -> DateColumns | None:
        """The columns of dates of a table; None if it has none."""
        found = self.source.dates if isinstance(self.source, Table) else None
        return found if found is not None and found.names else None

    def need_domain(self, data: Dataset, name: str) -> None:
        """Check that the targets of a set can be scaled, except at padding.

        Args:
            data: preprocessed.
            name: of the set, in messages.

        Raises:
            DataError: they cannot.
        """
        if self.target_scaling is not None:
            real = real_steps(data, self.network.graph, self.network.loss)
            self.target_scaling.need_domain(data.targets, name, real)

    def predict(self, inputs: Array | Sequence[str]) -> Array:
        """Predictions for samples in the form of the source, before preprocessing.

        Args:
            inputs: (n, *sample shape), or n texts.

        Returns:
            Depending on the loss: probabilities, (n, classes); the probability of the second of two
            classes, (n, 1); probabilities of labels, (n, labels); or values, (n, *target shape).

        Raises:
            DataError: the samples have another shape, or are not numbers or texts.
        """
        if self.pipeline.vocabulary is not None:
            with alone():
                return self.network.predict(self.pipeline.transform(_texts(inputs)))
        rows = numbers_of(
            inputs,
            self.pipeline.before,
            isinstance(self.source, Table),
            new_categories=self.new_categories,
            dates=self.dates,
        )
        axes = len(self.sample_shape)
        if axes > 1 and (rows.ndim < axes or rows.shape == self.sample_shape):
            raise self._other_shape(rows)  # of which ``of_array`` would only see the type
        samples = self.source.of_array(rows, self.like)
        if samples.shape[1:] != self.sample_shape:
            raise self._other_shape(samples)
        transformed = self.pipeline.transform(samples)
        self._need_finite(samples, transformed)
        with alone():
            return self.network.predict(transformed)

    def _other_shape(self, samples: Array) -> DataError:
        single = samples.shape in (self.sample_shape, self.sample_shape[:-1])
        alone = "; put a single sample in brackets" if single else ""
        return DataError(
            f"predict takes samples of {self.sample_shape} in an array "
            f"(n, {', '.join(map(str, self.sample_shape))}), got {samples.shape}{alone}"
        )

    def _need_finite(self, samples: Array, transformed: Array) -> None:
        """Check that samples are finite after preprocessing.

        Raises:
            DataError: a value is missing that no step fills in, or is infinite.
        """
        if np.isfinite(transformed).all():
            return
        finite = np.isfinite(transformed.reshape(len(transformed), -1)).all(axis=1)
        row = int(np.argmin(finite))
        if not np.isnan(samples[row]).any():
            raise DataError(
                f"predict: sample {row} has values beyond the 32-bit range after the run's "
                "preprocessing"
            )
        gaps = [
            column.name  # a missing category is one that matches none
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
        DataError: an item is not text, or is empty.
    """
    if isinstance(inputs, str):
        raise DataError("predict takes a list of texts, got a single one; put it in brackets")
    for number, text in enumerate(inputs):
        if not isinstance(text, str):
            raise DataError(f"predict takes texts; item {number} is of type {type(text).__name__}")
        if not text.strip():
            raise DataError(f"predict takes texts that are not empty; item {number} is empty")
    return np.array(inputs, dtype=object)
