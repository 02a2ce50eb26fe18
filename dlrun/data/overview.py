"""An overview of data before training: counts, ranges, missing values and leaks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.dataset import Column, Dataset, Task
from dlrun.data.leaks import Leak, leak_of, sample_hashes
from dlrun.data.moments import moments
from dlrun.data.parts import Parts
from dlrun.data.samples import chunks

_MOST_DISTINCT = 10_000
"""The maximum number of distinct values that are counted."""


@dataclass(frozen=True, slots=True)
class Values:
    """Statistics of a column, a channel or a target.

    Attributes:
        name: of the column; ``channel 0`` and so on for other inputs; or ``target``.
        categories: number of categories; None for a numeric column.
        missing: samples without a value.
        distinct: distinct values; None for more than 10,000, or if inputs are not a table.
        low: minimum of the present values, or of category codes.
        mean: their mean.
        high: their maximum.
    """

    name: str
    categories: int | None
    missing: int
    distinct: int | None
    low: float
    mean: float
    deviation: float
    """Standard deviation of the present values, or of category codes."""
    high: float

    @property
    def constant(self) -> bool:
        """Whether it never varies."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Part:
    """The training, validation or test set.

    Attributes:
        samples: number of samples.
        classes: number of samples (or of elements, if each has a class) per class, or per label of
            multi-label data; None for regression.
        targets: statistics of regression targets; None for other tasks.
        repeated: samples whose input equals that of an earlier sample of the set.
    """

    samples: int
    classes: Mapping[str, int] | None
    targets: Values | None
    repeated: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The data as the source returns it, before preprocessing.

    Attributes:
        task: the kind of targets.
        sample_shape: of one input.
        parts: train, validation and test, if present.
        columns: statistics of each column of a table, of each channel (the last axis) of other
            inputs, or of the numbers of characters and words of texts.
        constant: number of elements of a sample that have the same value in all samples.
        places: number of elements of a sample.
        leaks: between sets, if any.
        notes: remarks of the source, one line each.
    """

    task: Task
    sample_shape: Shape
    parts: Mapping[str, Part]
    columns: tuple[Values, ...]
    constant: int
    places: int
    leaks: tuple[Leak, ...]
    notes: tuple[str, ...]


def overview(parts: Parts) -> Overview:
    """The overview of some data, from a few passes over all samples.

    Raises:
        DataError: samples cannot be read.
    """
    train = parts.data["train"]
    hashes = {name: sample_hashes(part.inputs) for name, part in parts.data.items()}
    constant, places = _constant(list(parts.data.values()))
    notes = dict.fromkeys(note for part in parts.data.values() for note in part.notes)
    return Overview(
        train.task,
        train.sample_shape,
        {name: _part(data, hashes[name]) for name, data in parts.data.items()},
        _columns(list(parts.data.values())),
        constant,
        places,
        tuple(
            leak
            for of, part in combinations(parts.data, 2)
            if (leak := leak_of(parts, hashes, of, part)).samples
        ),
        tuple(notes),
    )


def _part(data: Dataset, hashes: Array) -> Part:
    counts = values = None
    if data.classes is None and not data.targets.shape[1:].count(0):
        targets = [chunk.reshape(len(chunk), -1) for chunk in chunks(data.targets)]
        flat = np.concatenate(targets).reshape(-1, 1)
        values = _values(Column("target"), flat)
    elif data.classes is not None:
        counts = dict(zip(data.classes, _class_counts(data).tolist(), strict=True))
    return Part(len(data), counts, values, len(hashes) - len(np.unique(hashes)))


def _class_counts(data: Dataset) -> Array:
    assert data.classes is not None
    if data.task == "multi_label":
        total = np.zeros(len(data.classes))
        for chunk in chunks(data.targets):
            total += chunk.sum(axis=0)
        return total.astype(np.int64)
    return np.bincount(data.codes.reshape(-1), minlength=len(data.classes))


def _columns(data: Sequence[Dataset]) -> tuple[Values, ...]:
    """Statistics over all sets together."""
    first = data[0]
    if first.inputs.dtype == object:
        texts = [text for part in data for text in np.asarray(part.inputs).tolist()]
        counts = {"characters": map(len, texts), "words": (len(text.split()) for text in texts)}
        return tuple(
            _values(Column(name), np.array([*numbers], np.float64)[:, None])
            for name, numbers in counts.items()
        )
    inputs = [part.inputs for part in data if isinstance(part.inputs, np.ndarray)]
    if first.columns is not None and len(inputs) == len(data):
        return tuple(
            _values(column, np.concatenate([part[:, number] for part in inputs])[:, None])
            for number, column in enumerate(first.columns)
        )
    channels = first.sample_shape[-1]
    names = [f"channel {number}" if channels > 1 else "values" for number in range(channels)]
    if first.columns is not None:
        names = [column.name for column in first.columns]
    # In a single pass over each set, which may be large.
    weights = [len(part) for part in data]
    found = [moments(part.inputs) for part in data]
    means = np.average([each.mean for each in found], axis=0, weights=weights)
    squares = [each.std**2 + (each.mean - means) ** 2 for each in found]
    deviations = np.sqrt(np.average(squares, axis=0, weights=weights))
    low = np.min([each.low for each in found], axis=0)
    high = np.max([each.high for each in found], axis=0)
    return tuple(
        Values(name, None, 0, None, *map(float, each))
        for name, *each in zip(names, low, means, deviations, high, strict=True)
    )


def _values(column: Column, values: Array) -> Values:
    """Statistics of (n, 1) values."""
    found = moments(values)
    different = len(np.unique(values[~np.isnan(values)]))
    return Values(
        column.name,
        None if column.categories is None else len(column.categories),
        int(np.isnan(values).sum()),
        different if different <= _MOST_DISTINCT else None,
        *(float(each[0]) for each in (found.low, found.mean, found.std, found.high)),
    )


def _constant(data: Sequence[Dataset]) -> tuple[int, int]:
    """The number of elements of a sample that never vary, and of all its elements."""
    places = math.prod(data[0].sample_shape)
    if data[0].inputs.dtype == object:
        return 0, places
    low, high = np.full(places, np.inf), np.full(places, -np.inf)
    for part in data:
        for chunk in chunks(part.inputs):
            flat = chunk.reshape(len(chunk), -1)
            present = ~np.isnan(flat)
            low = np.minimum(low, flat.min(axis=0, where=present, initial=np.inf))
            high = np.maximum(high, flat.max(axis=0, where=present, initial=-np.inf))
    return int((low >= high).sum()), places
