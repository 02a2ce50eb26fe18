"""Sources of two arrays, inputs and targets, with one row per sample."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.data.dataset import Column, Dataset, Task, Unlabelled
from dlrun.data.files.array_file import StoredArray
from dlrun.data.labels import class_codes, class_names
from dlrun.data.precision import beyond_float64
from dlrun.data.row_numbers import RowNumbers
from dlrun.data.samples import Samples, working_type
from dlrun.data.side_columns import MissingColumnError, SideColumn
from dlrun.data.sources.base import Source
from dlrun.data.sources.forms.array_targets import class_labels, multi_label, regression
from dlrun.data.sources.forms.array_values import floats
from dlrun.errors import DataError


class ArrayPair(Source):
    """What such sources share; a subclass finds and reads the arrays.

    Large arrays come as a ``StoredArray`` and stay in their file; the others are read.  Both give
    the same samples.
    """

    path_fields: ClassVar = ("path",)

    path: str = Field(min_length=1)
    """Path of the arrays; a relative path starts at the spec's folder."""
    inputs: str = Field(default="x", min_length=1)
    """Name of the array of inputs."""
    targets: str = Field(default="y", min_length=1)
    """Name of the array of targets."""
    task: Task | None = None
    """classification, multi_label or regression; null follows from the type of the targets."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the arrays."""
        raw, targets = self._arrays(self.path, folder)
        inputs, scaled = self._inputs(self.path, raw, None)
        data = self._labelled(inputs, targets)
        notes = beyond_float64(raw, self.path, self.inputs)
        if data.classes is None:
            notes += beyond_float64(targets, self.path, self.targets)
        return replace(data, scaled=scaled, notes=notes)

    def load_with_columns(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the arrays, and further ones, (n,) numbers or text, as side columns."""
        data = self.load(seed, folder)
        arrays = zip(names, self.named(self.path, folder, names), strict=True)
        side_columns = {
            name: self._side_column(name, array, len(data), self.path) for name, array in arrays
        }
        return replace(data, side_columns=side_columns)

    def load_as_target(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the arrays; that of the targets need not exist."""
        try:
            return super().load_as_target(names, seed, folder)
        except MissingColumnError:
            raw, *further = self.named(self.path, folder, (self.inputs, *names))
        _need_samples(self.path, self.inputs, raw)
        inputs, scaled = self._inputs(self.path, raw, None)
        side_columns = {
            name: self._side_column(name, array, len(inputs), self.path)
            for name, array in zip(names, further, strict=True)
        }
        return replace(
            Dataset.without_targets(inputs, _columns(inputs)),
            scaled=scaled,
            notes=beyond_float64(raw, self.path, self.inputs),
            side_columns=side_columns,
        )

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further arrays, with the sample shape and the classes of ``like``."""
        return self._like(path, *self._arrays(path, folder), like)

    def file_blocks(self, path: str, folder: Path, like: Dataset) -> Iterator[Dataset]:
        """The samples of ``load_file`` in one block, whose inputs stay in their file."""
        yield self._like(path, *self._arrays(path, folder, stays=True), like)

    def _like(
        self, path: str, raw: Array | StoredArray, targets: Array | StoredArray, like: Dataset
    ) -> Dataset:
        inputs, _ = self._inputs(path, raw, like)
        _need_sample_shape(path, inputs, like)
        task = "regression" if like.classes is None else like.task
        data = self._with_targets(path, inputs, targets, task, like.classes)
        if data.targets.shape[1:] != like.targets.shape[1:]:
            raise DataError(
                f"{path}: targets of shape {data.targets.shape[1:]}, in the training data they "
                f"have {like.targets.shape[1:]}"
            )
        return data

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read an array of inputs, with the sample shape of ``like``."""
        (raw,) = self.named(path, folder, (self.inputs,), stays=True)
        _need_samples(path, self.inputs, raw)
        inputs, _ = self._inputs(path, raw, like)
        _need_sample_shape(path, inputs, like)
        return Unlabelled(inputs, RowNumbers(len(inputs)))

    def column_of(self, path: str, folder: Path, name: str) -> Sequence[str]:
        """An array, (n,) numbers or text."""
        raw, column = self.named(path, folder, (self.inputs, name), stays=True)
        return self._side_column(name, column, raw.shape[0], path).values

    def of_array(self, array: Array, like: Dataset) -> Array:
        """The same samples as from a file with this array of inputs."""
        if array.ndim == 0:
            return array
        sample = array.shape[1:] or (1,)
        image, scale = _sample_form("the array", array, sample, like)
        values = array.astype(working_type(array.dtype)).reshape(len(array), *image)
        return values if scale is None else values / np.float32(scale)

    def named(
        self, path: str, folder: Path, names: Sequence[str], stays: bool = False
    ) -> Sequence[Array | StoredArray]:
        """The arrays with these names as they are stored, of any type and shape.

        Args:
            path: of the arrays.
            folder: the folder that a relative path starts at.
            names: of the arrays.
            stays: whether all arrays that can be read by rows stay in their file, not only large
                ones.

        Raises:
            MissingColumnError: an array of such a name does not exist.
            DataError: they cannot be read; the message starts with ``path``.
        """
        raise NotImplementedError

    def _labelled(self, inputs: Samples, targets: Array | StoredArray) -> Dataset:
        """Samples with targets of the task that the spec or the type of the targets defines."""
        task = self.task or ("regression" if targets.dtype.kind == "f" else "classification")
        return self._with_targets(self.path, inputs, targets, task, None)

    def _with_targets(
        self,
        path: str,
        inputs: Samples,
        raw: Array | StoredArray,
        task: Task,
        known: tuple[str, ...] | None,
    ) -> Dataset:
        """Samples with targets; ``known`` are the classes of the training data, if it was read."""
        columns = _columns(inputs)
        if task == "regression":
            return Dataset(inputs, regression(path, self.targets, raw), task, columns=columns)
        if task == "multi_label":
            targets = multi_label(path, self.targets, raw)
            names = tuple(f"y{number}" for number in range(raw.shape[1]))
            return Dataset(inputs, targets, task, known or names, columns)
        values, positions = class_labels(path, self.targets, raw)

        def error(number: int, what: str) -> DataError:
            row = int(np.argwhere(positions == number)[0, 0])
            return DataError(f"{path}: row {row} of '{self.targets}': {what}")

        labels = [str(value) for value in values]
        classes = known or class_names(labels)
        codes = class_codes(labels, classes, error)[positions]
        return Dataset(inputs, codes, task, classes, columns)

    def _side_column(
        self, name: str, stored: Array | StoredArray, samples: int, path: str
    ) -> SideColumn:
        array = stored.in_memory() if isinstance(stored, StoredArray) else stored
        if array.shape != (samples,) or array.dtype.kind not in "biufUSM":
            raise DataError(
                f"{path}: '{name}', {array.shape} of {array.dtype}, must hold a number, text "
                f"or date for each of {samples} samples"
            )
        texts = np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array

        def error(row: int, what: str) -> DataError:
            return DataError(f"{path}: row {row} of '{name}': {what}")

        return SideColumn(name, [str(text) for text in texts], error)

    def _arrays(
        self, path: str, folder: Path, *, stays: bool = False
    ) -> tuple[Array | StoredArray, Array | StoredArray]:
        """Inputs and targets as they are stored, checked to have one row per sample."""
        raw, targets = self.named(path, folder, (self.inputs, self.targets), stays=stays)
        if not raw.shape or not targets.shape or raw.shape[0] != targets.shape[0]:
            raise DataError(
                f"{path}: '{self.inputs}' of shape {raw.shape} and '{self.targets}' of shape "
                f"{targets.shape} must have the same number of rows, one per sample"
            )
        _need_samples(path, self.inputs, raw)
        return raw, targets

    def _inputs(
        self, path: str, raw: Array | StoredArray, like: Dataset | None
    ) -> tuple[Samples, bool]:
        """Inputs as floats, and whether they were scaled from uint8."""
        shown = f"{path}: '{self.inputs}'"
        sample, scale = _sample_form(shown, raw, raw.shape[1:] or (1,), like)
        return floats(path, self.inputs, raw, sample, scale), scale is not None


def _sample_form(
    shown: str, raw: Array | StoredArray, sample: Shape, like: Dataset | None
) -> tuple[Shape, float | None]:
    """The shape of a sample, and the divisor of its values; None leaves them unchanged.

    Raises:
        DataError: integers would be scaled here but were not in the training data, or the other
            way round.
    """
    scaled = raw.dtype == np.uint8 and len(raw.shape) >= 3
    trained = None if like is None else like.scaled
    if trained is False and scaled:
        raise DataError(
            f"{shown} holds uint8, which would be scaled to 0..1 as images are; the training data "
            "had another type and was not scaled; convert it to that type"
        )
    if trained and not scaled and raw.dtype.kind in "iu":
        raise DataError(
            f"{shown} holds {raw.dtype}; the training data was uint8 and was scaled to 0..1; "
            "convert it to uint8 from 0 to 255, or to floats from 0 to 1"
        )
    if not scaled:
        return sample, None
    return ((*sample, 1) if len(sample) == 2 else sample), 255.0


def _need_samples(path: str, name: str, raw: Array | StoredArray) -> None:
    if not raw.shape or not math.prod(raw.shape):
        raise DataError(f"{path}: '{name}' of shape {raw.shape} is empty")


def _need_sample_shape(path: str, inputs: Samples, like: Dataset) -> None:
    if inputs.shape[1:] != like.sample_shape:
        raise DataError(
            f"{path}: samples of shape {inputs.shape[1:]}, in the training data they have "
            f"{like.sample_shape}"
        )


def _columns(inputs: Samples) -> tuple[Column, ...] | None:
    """Names for the columns of a table; None for inputs that are not a table."""
    if len(inputs.shape) != 2:
        return None
    return tuple(Column(f"x{number}") for number in range(inputs.shape[1]))
