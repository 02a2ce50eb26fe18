"""The data set that a source returns: samples, targets and their description."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.buckets import Buckets
from dlrun.data.samples import Samples, take
from dlrun.data.side_columns import SideColumn

Task = Literal["classification", "multi_label", "regression"]
"""One class per sample; any number of labels per sample; real-valued targets."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    A categorical column holds category codes, 0 to len(categories) - 1; NaN is a missing value in
    both kinds of column.
    """

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def categorical(self) -> bool:
        """Whether the values are category codes."""
        return self.categories is not None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Samples and targets: all of the data, or its training, validation or test set.

    Attributes:
        inputs: (n, *sample shape): tables (n, columns), images (n, height, width, channels) with
            values 0 to 1; an array, or lazy if they are too large for memory.  They are float32
            after preprocessing; before it float64 if float32 would lose digits of the source's
            values.  Or texts, (n,) objects of type str, with the sample shape ().
        targets: classification: an array of int64 codes of ``classes``, (n,), or (n, ...) if each
            element of a sample has a class; multi-label: (n, labels) float32, 0 or 1; regression:
            (n, ...) of the dtypes of inputs; both an array or lazy.
        task: which of these the targets are.
        classes: names of the classes, or of the labels of multi-label data; None for regression.
        columns: the columns of a table; None for inputs that are not a table.
        rate: sampling rate of waveforms, (n, length, channels), in Hz; None for other inputs.
        scaled: whether inputs were uint8 images that were scaled to 0..1; None if that is unknown
            or cannot happen.
        notes: remarks for the user, such as on samples that were left out; one line each.
        side_columns: requested columns that are not inputs, by name.
        drawn_evenly: class codes, (n,) int64, for epochs in which every class is equally frequent;
            None draws each sample once per epoch.
        buckets: lengths for length bucketing; None leaves samples in the order of the epoch.
        names: of the samples' files, one each; None if samples do not have one file each.
        new_categories: whether further files may have categories that these samples do not have,
            which then count as missing.
        new_columns: whether further files may have columns that these samples do not have, which
            are ignored.
        left_out: requested files that are missing from the data, each with its error.
    """

    inputs: Samples
    targets: Samples
    task: Task
    classes: tuple[str, ...] | None = None
    columns: tuple[Column, ...] | None = None
    rate: int | None = None
    scaled: bool | None = None
    notes: tuple[str, ...] = ()
    side_columns: Mapping[str, SideColumn] = field(default_factory=dict)
    drawn_evenly: Array | None = None
    buckets: Buckets | None = None
    left_out: tuple[tuple[str, str], ...] = ()
    names: Sequence[str] | None = None
    new_categories: bool = False
    new_columns: bool = False

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def sample_shape(self) -> Shape:
        """Shape of one input."""
        return self.inputs.shape[1:]

    @property
    def texts(self) -> bool:
        """Whether inputs are texts, which are not tokenized yet."""
        return self.inputs.dtype == object

    @property
    def codes(self) -> Array:
        """The targets of a classification."""
        assert isinstance(self.targets, np.ndarray)
        return self.targets

    def take(self, rows: Array) -> Dataset:
        """The samples at ascending ``rows``; lazy ones are not copied."""
        inputs, targets = take(self.inputs, rows), take(self.targets, rows)
        side_columns = {name: each.take(rows.tolist()) for name, each in self.side_columns.items()}
        names = None if self.names is None else [self.names[row] for row in rows]
        return replace(self, inputs=inputs, targets=targets, side_columns=side_columns, names=names)

    def reconstructing(self) -> Dataset:
        """The same inputs, which are also the targets: an autoencoder's data."""
        return replace(self, targets=self.inputs, task="regression", classes=None)

    @classmethod
    def without_targets(cls, inputs: Samples, columns: tuple[Column, ...] | None = None) -> Self:
        """Samples of an autoencoder, whose targets, (n, 0), have no values."""
        return cls(inputs, np.empty((len(inputs), 0), np.float32), "regression", columns=columns)

    def with_inputs(self, inputs: Samples, columns: tuple[Column, ...] | None) -> Dataset:
        """The same targets with other inputs."""
        return replace(self, inputs=inputs, columns=columns)


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """Samples without targets.

    Attributes:
        inputs: as in a ``Dataset``.
        names: one per sample: its index in the file, from 0, or the name of its file.
        gap: returns the error for a missing value, from the indices of sample and column; None if
            no value can be missing.
        notes: remarks for the user, such as on files that were left out; one line each.
        ids: the cell of a column of the file for each sample; None if none was requested.
    """

    inputs: Samples
    names: Sequence[str]
    gap: Callable[[int, int], Exception] | None = None
    notes: tuple[str, ...] = ()
    ids: Sequence[str] | None = None
