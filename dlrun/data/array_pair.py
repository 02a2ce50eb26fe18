"""Sources of two arrays: inputs and targets, a row of each a sample."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.data.array_file import StoredArray, StoredRows
from dlrun.data.dataset import Column, Dataset, Task, Unlabelled
from dlrun.data.digits import beyond_float64
from dlrun.data.labels import class_codes, class_names
from dlrun.data.marks import Marks
from dlrun.data.samples import Samples, chunks, finite_as_float32, narrowed, working_type
from dlrun.data.source import Source
from dlrun.errors import DataError

_STRETCH = 1 << 16
"""Labels that are sorted at a time."""


class ArrayPair(Source):
    """What such sources share; a member says where its arrays lie.

    Large arrays come as a ``StoredArray`` and stay in their file; the others are read.  Both give
    the same samples.
    """

    path: str = Field(min_length=1)
    """Where the arrays are; a relative path starts at the spec's folder."""
    inputs: str = Field(default="x", min_length=1)
    """Name of the array of inputs."""
    targets: str = Field(default="y", min_length=1)
    """Name of the array of targets."""
    task: Task | None = None
    """Classification, multi_label or regression, where the type of the targets says otherwise."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the arrays."""
        raw, targets = self._arrays(self.path, folder)
        inputs, scaled = self._inputs(self.path, raw, None)
        data = self._labelled(inputs, targets)
        notes = beyond_float64(raw, self.path, self.inputs)
        if data.classes is None:
            notes += beyond_float64(targets, self.path, self.targets)
        return replace(data, scaled=scaled, notes=notes)

    def _labelled(self, inputs: Samples, targets: Array | StoredArray) -> Dataset:
        task = self.task or ("regression" if targets.dtype.kind == "f" else "classification")
        if task == "regression":
            return self._regression(self.path, inputs, targets)
        if task == "multi_label":
            return self._multi_label(self.path, inputs, targets)
        values, places = _distinct(self._labels(self.path, targets))
        names = [str(value) for value in values]
        classes = class_names(names)
        codes = class_codes(names, classes, _no_fault)[places]
        return Dataset(inputs, codes, "classification", classes, _columns(inputs))

    def load_marked(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the arrays, and others beside them, (n,) of numbers or text."""
        data = self.load(seed, folder)
        found = zip(names, self.named(self.path, folder, names), strict=True)
        marks = {name: self._marks(name, array, len(data)) for name, array in found}
        return replace(data, marks=marks)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further arrays, with the sample shape and the classes of ``like``."""
        raw, targets = self._arrays(path, folder)
        inputs, _ = self._inputs(path, raw, like)
        self._need_shape(path, inputs, like)
        if like.classes is None:
            return self._alike(path, self._regression(path, inputs, targets), like)
        if like.task == "multi_label":
            return self._alike(path, self._multi_label(path, inputs, targets), like)
        values, places = _distinct(self._labels(path, targets))

        def fault(number: int, what: str) -> DataError:
            row = int(np.argwhere(places == number)[0, 0])
            return DataError(f"{path}: row {row} of '{self.targets}': {what}")

        codes = class_codes([str(value) for value in values], like.classes, fault)[places]
        data = Dataset(inputs, codes, "classification", like.classes, _columns(inputs))
        return self._alike(path, data, like)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read an array of inputs, with the sample shape of ``like``."""
        (raw,) = self.named(path, folder, (self.inputs,))
        if not math.prod(raw.shape):
            raise DataError(f"{path}: '{self.inputs}' of shape {raw.shape} is empty")
        inputs, _ = self._inputs(path, raw, like)
        self._need_shape(path, inputs, like)
        return Unlabelled(inputs, [str(number) for number in range(len(inputs))])

    def of_array(self, array: Array, like: Dataset) -> Array:
        """The same that a file with this array of inputs holds."""
        if array.ndim == 0:
            return array
        sample = array.shape[1:] or (1,)
        image, scale = self._meant("the array", array, sample, like)
        floats = array.astype(working_type(array.dtype)).reshape(len(array), *image)
        return floats if scale is None else floats / np.float32(scale)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def named(self, path: str, folder: Path, names: Sequence[str]) -> Sequence[Array | StoredArray]:
        """The arrays of these names as they are, of any type and shape.

        Raises:
            MissingColumnError: there is none of such a name.
            DataError: they cannot be read; the message starts with ``path``.
        """
        raise NotImplementedError

    def _marks(self, name: str, found: Array | StoredArray, samples: int) -> Marks:
        array = found.in_memory() if isinstance(found, StoredArray) else found
        if array.shape != (samples,) or array.dtype.kind not in "biufUSM":
            raise DataError(
                f"{self.path}: '{name}', {array.shape} of {array.dtype}, must hold a number, text "
                f"or date for each of {samples} samples"
            )
        texts = np.char.decode(array, "utf-8") if array.dtype.kind == "S" else array

        def fault(row: int, what: str) -> DataError:
            return DataError(f"{self.path}: row {row} of '{name}': {what}")

        return Marks(name, [str(each) for each in texts], fault)

    def _arrays(self, path: str, folder: Path) -> tuple[Array | StoredArray, Array | StoredArray]:
        """Inputs and targets as they are, a row of each a sample."""
        raw, targets = self.named(path, folder, (self.inputs, self.targets))
        if not raw.shape or not targets.shape or raw.shape[0] != targets.shape[0]:
            raise DataError(
                f"{path}: '{self.inputs}' of shape {raw.shape} and '{self.targets}' of shape "
                f"{targets.shape} must have one row a sample, the same number of them"
            )
        if not math.prod(raw.shape):
            raise DataError(f"{path}: '{self.inputs}' of shape {raw.shape} is empty")
        return raw, targets

    def _inputs(
        self, path: str, raw: Array | StoredArray, like: Dataset | None
    ) -> tuple[Samples, bool]:
        sample, scale = self._meant(f"{path}: '{self.inputs}'", raw, raw.shape[1:] or (1,), like)
        return self._floats(path, self.inputs, raw, sample, scale), scale is not None

    def _meant(
        self, shown: str, raw: Array | StoredArray, sample: Shape, like: Dataset | None
    ) -> tuple[Shape, float | None]:
        """The shape of a sample, and what its numbers are divided by; None leaves them.

        Raises:
            DataError: whole numbers would be scaled that were not in the training data, or would
                not be that were.
        """
        scaled = raw.dtype == np.uint8 and len(raw.shape) >= 3
        trained = None if like is None else like.scaled
        if trained is False and scaled:
            raise DataError(
                f"{shown} holds uint8, which would become 0 to 1 by its type, and the training "
                "data was of another type and stayed as it was; convert it to that type"
            )
        if trained and not scaled and raw.dtype.kind in "iu":
            raise DataError(
                f"{shown} holds {raw.dtype}, and the training data uint8, which became 0 to 1 by "
                "its type; convert it to uint8 of 0 to 255, or to floats of 0 to 1"
            )
        if not scaled:
            return sample, None
        return ((*sample, 1) if len(sample) == 2 else sample), 255.0

    def _floats(
        self,
        path: str,
        key: str,
        raw: Array | StoredArray,
        sample: Shape,
        scale: float | None = None,
    ) -> Samples:
        """Rows of ``working_type``, all finite as float32: in memory, or the file's by a map."""
        if raw.dtype.kind not in "biuf":
            raise DataError(f"{path}: '{key}' holds {raw.dtype}; it must hold numbers")
        if isinstance(raw, StoredArray):
            return StoredRows(raw, sample, scale)
        floats = np.array(raw, dtype=working_type(raw.dtype), order="C")
        bad = floats.size - int(np.count_nonzero(finite_as_float32(floats)))
        if bad:
            raise DataError(
                f"{path}: {bad} of {floats.size} values of '{key}' are NaN or infinite as 32-bit "
                "numbers; replace them or leave their rows out"
            )
        if scale is not None:
            floats /= np.float32(scale)
        return floats.reshape(len(floats), *sample)

    def _labels(self, path: str, given: Array | StoredArray) -> Array:
        """Targets of a classification, (n, ...), of integers, bool or text."""
        targets = given.in_memory() if isinstance(given, StoredArray) else given
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = targets[:, 0]
        if targets.size == 0:
            raise DataError(f"{path}: '{self.targets}' of shape {targets.shape} is empty")
        if targets.dtype.kind == "f":
            floats = np.asarray(self._floats(path, self.targets, targets, targets.shape[1:]))
            if np.any(floats != np.rint(floats)):
                raise DataError(
                    f"{path}: '{self.targets}' holds fractions, so they are no classes; set "
                    "data.source.task to regression"
                )
            return targets.astype(np.int64)
        if targets.dtype.kind not in "biuU":
            raise DataError(
                f"{path}: '{self.targets}' holds {targets.dtype}; classes are integers or text"
            )
        if targets.dtype.kind == "U" and not _is_text(targets):
            raise DataError(f"{path}: '{self.targets}' holds text that is no Unicode")
        return targets

    def _regression(self, path: str, inputs: Samples, targets: Array | StoredArray) -> Dataset:
        if not math.prod(targets.shape):
            raise DataError(f"{path}: '{self.targets}' of shape {targets.shape} is empty")
        outputs = targets.shape[1:] or (1,)
        return Dataset(
            inputs=inputs,
            targets=self._floats(path, self.targets, targets, outputs),
            task="regression",
            columns=_columns(inputs),
        )

    def _multi_label(self, path: str, inputs: Samples, targets: Array | StoredArray) -> Dataset:
        if len(targets.shape) != 2 or not math.prod(targets.shape):
            raise DataError(
                f"{path}: '{self.targets}' of shape {targets.shape} must be (samples, labels)"
            )
        labels = narrowed(self._floats(path, self.targets, targets, targets.shape[1:]))
        if not all(np.isin(chunk, (0, 1)).all() for chunk in chunks(labels)):
            raise DataError(f"{path}: '{self.targets}' must hold 0 and 1 alone to be labels")
        return Dataset(
            inputs=inputs,
            targets=labels,
            task="multi_label",
            classes=tuple(f"y{number}" for number in range(targets.shape[1])),
            columns=_columns(inputs),
        )

    def _need_shape(self, path: str, inputs: Samples, like: Dataset) -> None:
        if inputs.shape[1:] != like.sample_shape:
            raise DataError(
                f"{path}: samples of shape {inputs.shape[1:]}, in the training data they have "
                f"{like.sample_shape}"
            )

    def _alike(self, path: str, data: Dataset, like: Dataset) -> Dataset:
        """The data, if its targets have the shape of the training data's."""
        if data.targets.shape[1:] != like.targets.shape[1:]:
            raise DataError(
                f"{path}: targets of shape {data.targets.shape[1:]}, in the training data they "
                f"have {like.targets.shape[1:]}"
            )
        return data


def _no_fault(number: int, what: str) -> DataError:
    raise AssertionError(what)  # labels have the classes that were made of them


def _distinct(labels: Array) -> tuple[Array, Array]:
    """The different labels, sorted, and the place of each among them, (n, ...) int64.

    Stretch by stretch: sorting all labels at once would hold them four times.
    """
    flat = labels.reshape(-1)
    stretches = [flat[at : at + _STRETCH] for at in range(0, len(flat), _STRETCH)]
    values = np.unique(np.concatenate([np.unique(stretch) for stretch in stretches]))
    places = np.empty(len(flat), np.int64)
    for number, stretch in enumerate(stretches):
        at = number * _STRETCH
        places[at : at + len(stretch)] = np.searchsorted(values, stretch)
    return values, places.reshape(labels.shape)


def _is_text(targets: Array) -> bool:
    """Whether all characters are Unicode's; NumPy takes any 32 bits for one."""
    codes = np.frombuffer(targets.tobytes(), np.dtype("u4").newbyteorder(targets.dtype.byteorder))
    return not bool(np.any((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes < 0xE000))))


def _columns(inputs: Samples) -> tuple[Column, ...] | None:
    """Names for the columns of a table; None where the inputs are none."""
    if len(inputs.shape) != 2:
        return None
    return tuple(Column(f"x{number}") for number in range(inputs.shape[1]))
