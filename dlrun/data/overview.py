"""What there is to know of data before anything is trained on it: counts, ranges, gaps, leaks."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.dataset import Column, Dataset, Task
from dlrun.data.prepared import Parts
from dlrun.data.preprocess.moments import moments
from dlrun.data.samples import Samples, chunks
from dlrun.rng import Stream, keys, mixed

_LISTED = 5
"""Pairs of samples that are named."""
_MOST_DISTINCT = 10_000
"""Different values of a column that are counted."""


@dataclass(frozen=True, slots=True)
class Values:
    """Numbers of a column or channel, or of a target.

    Attributes:
        name: of the column; ``channel 0`` and so on where there are none, ``target``.
        categories: how many there are; None for numbers.
        missing: samples without a value.
        distinct: different values; None where there are more than 10,000, or in no table.
        low, mean, deviation, high: of what is there; for categories of their codes.
    """

    name: str
    categories: int | None
    missing: int
    distinct: int | None
    low: float
    mean: float
    deviation: float
    high: float

    @property
    def constant(self) -> bool:
        """Whether it never varies."""
        return self.low == self.high


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the data.

    Attributes:
        samples: how many.
        classes: of each class or label, so many samples (places, where each has a class); None in
            regression.
        targets: the numbers to predict; None for classes and labels.
        repeated: samples whose input is that of an earlier sample of the part.
    """

    samples: int
    classes: Mapping[str, int] | None
    targets: Values | None
    repeated: int


@dataclass(frozen=True, slots=True)
class Leak:
    """Samples of a part whose input is that of a sample of another part.

    Attributes:
        part, of: the parts; ``of`` is the one that comes first, as ``train``.
        samples: of ``part``, how many.
        contradicting: how many of these have another target than any such sample of ``of``.
        pairs: numbers of some of them in the source, or in the file of the part, first that in
            ``of``.
    """

    part: str
    of: str
    samples: int
    contradicting: int
    pairs: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Overview:
    """The data as the source gives it, before preprocessing.

    Attributes:
        task: what is to be predicted.
        sample_shape: of one input.
        parts: train, validation, test, as far as there are such.
        columns: of a table each column; of other inputs each channel, the last axis; of texts how
            many characters and words they have.
        constant: places of a sample at which all samples have the same value.
        places: how many places a sample has.
        leaks: between parts; none where there are none.
        notes: what the source had to say, a line each.
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
    """Look at all samples, in a few passes.

    Raises:
        DataError: samples cannot be read.
    """
    train = parts.data["train"]
    digests = {name: _digests(part.inputs) for name, part in parts.data.items()}
    constant, places = _constant(list(parts.data.values()))
    notes = dict.fromkeys(note for part in parts.data.values() for note in part.notes)
    return Overview(
        train.task,
        train.sample_shape,
        {name: _part(data, digests[name]) for name, data in parts.data.items()},
        _columns(list(parts.data.values())),
        constant,
        places,
        tuple(
            leak
            for of, part in combinations(parts.data, 2)
            if (leak := _leak(parts, digests, of, part)).samples
        ),
        tuple(notes),
    )


def _part(data: Dataset, digests: Array) -> Part:
    counts = values = None
    if data.classes is None:
        found = [chunk.reshape(len(chunk), -1) for chunk in chunks(data.targets)]
        flat = np.concatenate(found).reshape(-1, 1)
        values = _values(Column("target"), flat)
    else:
        counts = dict(zip(data.classes, _class_counts(data).tolist(), strict=True))
    return Part(len(data), counts, values, len(digests) - len(np.unique(digests)))


def _class_counts(data: Dataset) -> Array:
    assert data.classes is not None
    if data.task == "multi_label":
        total = np.zeros(len(data.classes))
        for chunk in chunks(data.targets):
            total += chunk.sum(axis=0)
        return total.astype(np.int64)
    return np.bincount(data.codes.reshape(-1), minlength=len(data.classes))


def _columns(data: Sequence[Dataset]) -> tuple[Values, ...]:
    """Of all parts together."""
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
    # In a single pass over each part, which may be large.
    weights = [len(part) for part in data]
    found = [moments(part.inputs) for part in data]
    means = np.average([each.mean for each in found], axis=0, weights=weights)
    squares = [each.deviation**2 + (each.mean - means) ** 2 for each in found]
    deviations = np.sqrt(np.average(squares, axis=0, weights=weights))
    low = np.min([each.low for each in found], axis=0)
    high = np.max([each.high for each in found], axis=0)
    return tuple(
        Values(name, None, 0, None, *map(float, each))
        for name, *each in zip(names, low, means, deviations, high, strict=True)
    )


def _values(column: Column, values: Array) -> Values:
    """Of (n, 1) numbers."""
    found = moments(values)
    different = len(np.unique(values[~np.isnan(values)]))
    return Values(
        column.name,
        None if column.categories is None else len(column.categories),
        int(np.isnan(values).sum()),
        different if different <= _MOST_DISTINCT else None,
        *(float(each[0]) for each in (found.low, found.mean, found.deviation, found.high)),
    )


def _constant(data: Sequence[Dataset]) -> tuple[int, int]:
    """At how many places of a sample nothing varies, and how many places there are."""
    places = math.prod(data[0].sample_shape)
    if data[0].inputs.dtype == object:
        return 0, places
    low, high = np.full(places, np.inf), np.full(places, -np.inf)
    for part in data:
        for chunk in chunks(part.inputs):
            flat = chunk.reshape(len(chunk), -1)
            there = ~np.isnan(flat)
            low = np.minimum(low, flat.min(axis=0, where=there, initial=np.inf))
            high = np.maximum(high, flat.max(axis=0, where=there, initial=-np.inf))
    return int((low >= high).sum()), places


def _digests(samples: Samples) -> Array:
    """64 bits of each sample, (n,) uint64, alike for equal ones and, but by chance, for no others.

    Of a million samples two that differ have the same bits once in forty million times.
    """
    places = math.prod(samples.shape[1:])
    if samples.dtype == object:
        texts = np.asarray(samples).tolist()
        digests = [hashlib.blake2b(text.encode(), digest_size=8).digest() for text in texts]
        return np.frombuffer(b"".join(digests), np.uint64)
    salt = keys(0, Stream.DATA, 0, 0, np.arange(places))
    found = [np.empty(0, np.uint64)]
    for chunk in chunks(samples):
        flat = np.ascontiguousarray(chunk, np.float64).reshape(len(chunk), places) + 0.0
        flat[np.isnan(flat)] = np.nan  # one of many
        found.append(mixed(flat.view(np.uint64) ^ salt).sum(axis=1, dtype=np.uint64))
    return np.concatenate(found)


def _leak(parts: Parts, digests: Mapping[str, Array], of: str, part: str) -> Leak:
    first, second = digests[of], digests[part]
    known, where = np.unique(first, return_index=True)
    place = np.minimum(np.searchsorted(known, second), len(known) - 1)
    shared = np.flatnonzero(known[place] == second)
    pairs = [
        (int(parts.rows[of][where[place[row]]]), int(parts.rows[part][row]))
        for row in shared[:_LISTED].tolist()
    ]
    return Leak(part, of, len(shared), _contradicting(parts, digests, of, part), tuple(pairs))


def _contradicting(parts: Parts, digests: Mapping[str, Array], of: str, part: str) -> int:
    """Shared inputs that no sample of the other part has with the same target."""
    both = {}
    for name in (of, part):
        targets = parts.data[name].targets
        both[name] = mixed(_digests(targets)) ^ digests[name]
    shared = np.isin(digests[part], digests[of])
    return int((shared & ~np.isin(both[part], both[of])).sum())
