"""What a source gives: samples, targets and what is known of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.buckets import Buckets
from dlrun.data.marks import Marks
from dlrun.data.samples import Samples, take

Task = Literal["classification", "multi_label", "regression"]
"""One of several classes is right; each of several labels is right or not; numbers."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    A categorical column holds codes, 0 to len(categories) - 1, as numbers; NaN is a missing value
    in both kinds.
    """

    name: str
    categories: tuple[str, ...] | None = None

    @property
    def categorical(self) -> bool:
        """Whether the numbers are codes of categories."""
        return self.categories is not None


@dataclass(frozen=True, slots=True)
class Dataset:
    """Samples and targets of one part of the data, or of all of it.

    Attributes:
        inputs: (n, *sample shape): tables (n, columns), images (n, height, width, channels) with
            values 0 to 1; an array, or lazy where they are too large for memory.  They are float32
            after preprocessing, and before it where that has all digits of the source's numbers,
            else float64.  Or (n,) objects of type str: texts, of which one has the shape ().
        targets: classification: (n,) int64 codes of ``classes``, or (n, ...) where each place of a
            sample has a class, an array; multi-label: (n, labels) float32, 0 or 1; regression:
            (n, ...) of the types of inputs; both an array or lazy.
        task: which of them.
        classes: names of the classes or labels; None in regression.
        columns: one for each column of a table; None where inputs are no table.
        rate: samples a second of waveforms, (n, length, channels); None where inputs are none.
        scaled: whether inputs were whole numbers that became 0 to 1 by their type; None where
            nobody knows, or no such are read.
        notes: what the user should know of it, as samples that were left out; a line each.
        marks: columns that are no inputs, by name, where somebody asked for them.
        drawn_evenly: codes of classes, (n,) int64, of each of which an epoch draws as many
            samples; None draws each sample once.
        buckets: lengths of batches of alike texts; None takes samples as they come.
        left_out: files that were asked for and are not in it, each with what is wrong with it.
    """

    inputs: Samples
    targets: Samples
    task: Task
    classes: tuple[str, ...] | None = None
    columns: tuple[Column, ...] | None = None
    rate: int | None = None
    scaled: bool | None = None
    notes: tuple[str, ...] = ()
    marks: Mapping[str, Marks] = field(default_factory=dict)
    drawn_evenly: Array | None = None
    buckets: Buckets | None = None
    left_out: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def sample_shape(self) -> Shape:
        """Shape of one input."""
        return self.inputs.shape[1:]

    @property
    def texts(self) -> bool:
        """Whether inputs are texts and no numbers yet."""
        return self.inputs.dtype == object

    @property
    def codes(self) -> Array:
        """The targets of a classification."""
        assert isinstance(self.targets, np.ndarray)
        return self.targets

    def take(self, rows: Array) -> Dataset:
        """The samples at ascending ``rows``; lazy ones are not copied."""
        inputs, targets = take(self.inputs, rows), take(self.targets, rows)
        marks = {name: each.take(rows.tolist()) for name, each in self.marks.items()}
        return replace(self, inputs=inputs, targets=targets, marks=marks)

    def reconstructing(self) -> Dataset:
        """The same inputs, which are now the targets as well."""
        return replace(self, targets=self.inputs, task="regression", classes=None)

    def with_inputs(self, inputs: Samples, columns: tuple[Column, ...] | None) -> Dataset:
        """The same targets with other inputs."""
        return replace(self, inputs=inputs, columns=columns)


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """Samples whose targets nobody knows.

    Attributes:
        inputs: as those of a ``Dataset``.
        names: what to call each, as its number in its file, counted from 0, or its own file.
        gap: the error that says that a sample has no value in a column, given both numbers; None
            where no value can be missing.
        notes: what the user should know of it, such as files that were left out; a line each.
    """

    inputs: Samples
    names: Sequence[str]
    gap: Callable[[int, int], Exception] | None = None
    notes: tuple[str, ...] = ()
