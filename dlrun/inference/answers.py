"""Predictions as a table of text: classes or values, and probabilities."""

from __future__ import annotations

import csv
import io
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, islice, product, repeat
from typing import NamedTuple, overload

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.dataset import Task
from dlrun.nn.answers import class_probabilities, said_classes, said_labels

Row = Sequence[str]
"""A row of the table."""

_WITH_STEPS = 2
"""Axes of a prediction, those of steps and classes, up to which probabilities are columns: of
images there would be too many."""
_SHOWN = 1024
"""Samples that are turned into text at a time."""


class Block(NamedTuple):
    """Predictions for some samples.

    Attributes:
        names: of the samples.
        predictions: (n, ...).
        ids: the cell of the ID column for each sample; empty without such a column.
        real: 1 at real steps and 0 at padding, (n, time), if predictions have an axis of time,
            (n, time, ...); None if no step is known to be padding.
    """

    names: Sequence[str]
    predictions: Array
    ids: Sequence[str] = ()
    real: Array | None = None

    def part(self, rows: slice) -> Block:
        """Some of the samples."""
        real = None if self.real is None else self.real[rows]
        return Block(self.names[rows], self.predictions[rows], self.ids[rows], real)


@dataclass(frozen=True, slots=True)
class Wording:
    """How predictions are written.

    Attributes:
        task: what the network was trained for.
        classes: names of the classes or labels; None in regression.
        probabilistic: whether predictions of classes are probabilities, not scores.
        id_column: the column of the file that is repeated after the names; None for none.
    """

    task: Task
    classes: tuple[str, ...] | None
    probabilistic: bool
    id_column: str | None = None

    def header(self, shape: Shape) -> tuple[str, ...]:
        """Names of the columns.

        Args:
            shape: of a sample's prediction.
        """
        first = ("sample",) if self.id_column is None else ("sample", self.id_column)
        return (*first, *self._columns(shape))

    def _columns(self, shape: Shape) -> Iterable[str]:
        classes, word = self.classes, "probability" if self.probabilistic else "score"
        if classes is None:
            return _places("prediction", shape)
        if self.task == "multi_label":
            labels = (f"prediction.{name}" for name in classes)
            return (*labels, *(f"{word}.{name}" for name in classes))
        predicted = _places("prediction", shape[:-1])
        if len(shape) > _WITH_STEPS:
            return predicted
        shown = classes if shape[-1] > 1 or self.probabilistic else classes[1:]
        steps = [f".{step}" for step in range(shape[0])] if len(predicted) > 1 else [""]
        return (*predicted, *(f"{word}{step}.{name}" for step in steps for name in shown))

    def rows(self, block: Block) -> Iterator[list[str]]:
        """One row per sample."""
        first = (block.names,) if self.id_column is None else (block.names, block.ids)
        said = self._said(block.predictions)
        if block.real is not None:
            said = map(self._without_padding, said, block.real, repeat(block.predictions.shape[1:]))
        return ([*cells, *row] for *cells, row in zip(*first, said, strict=True))

    def _said(self, predictions: Array) -> Iterator[list[str]]:
        classes = self.classes
        if classes is None:
            flat = predictions.reshape(len(predictions), -1)
            return ([str(value) for value in row] for row in flat)
        if self.task == "multi_label":
            yes = said_labels(predictions).astype(int)
            return ([*map(str, a), *map(str, b)] for a, b in zip(yes, predictions, strict=True))
        codes, numbers = said_classes(predictions).reshape(len(predictions), -1), predictions
        if predictions.ndim > 1 + _WITH_STEPS:
            return ([classes[code] for code in row] for row in codes)
        if self.probabilistic or predictions.shape[-1] > 1:
            numbers = class_probabilities(predictions)
        numbers = numbers.reshape(len(predictions), -1)
        pairs = zip(codes, numbers, strict=True)
        return ([*(classes[code] for code in some), *map(str, row)] for some, row in pairs)

    def _without_padding(self, row: Sequence[str], real: Array, shape: Shape) -> list[str]:
        """A row in which the cells of padded steps are empty.

        Each group of columns, predictions and then probabilities, is in the order of the steps.
        """
        steps = len(real)
        first = len(row) if self.classes is None else int(np.prod(shape[:-1]))
        groups = [row[:first], row[first:]]
        return [
            cell if real[number * steps // len(group)] else ""
            for group in groups
            for number, cell in enumerate(group)
        ]


class Rows(Sequence[Row]):
    """The rows of a table, which are turned into text when they are read.

    Args:
        wording: of the table.
        blocks: the predictions, in the order of the samples.
    """

    def __init__(self, wording: Wording, blocks: Sequence[Block]) -> None:
        self._wording, self._blocks = wording, blocks
        self._starts = [0, *accumulate(len(block.names) for block in blocks)]

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[Row]:
        return rows_of(self._wording, self._blocks)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and [*self] == [*other]

    __hash__ = None  # type: ignore[assignment]  # as a list

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        """A row, or a list of those in a slice."""
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        number = range(len(self))[index]
        at = bisect_right(self._starts, number) - 1
        local = number - self._starts[at]
        (row,) = self._wording.rows(self._blocks[at].part(slice(local, local + 1)))
        return row


@dataclass(frozen=True, slots=True)
class Answers:
    """Predictions for samples, as a table.

    Attributes:
        header: ``sample``, an ID column if one was requested, ``prediction`` and, if the loss has
            them, probabilities.
        rows: one row per sample; its cells are texts.
    """

    header: tuple[str, ...]
    rows: Sequence[Row]


def rows_of(wording: Wording, blocks: Iterable[Block]) -> Iterator[Row]:
    """The rows of a table, a few of which are text at a time."""
    for block in blocks:
        for start in range(0, len(block.names), _SHOWN):
            yield from wording.rows(block.part(slice(start, start + _SHOWN)))


def as_csv(header: Row, rows: Iterable[Row]) -> Iterator[str]:
    """A table as parts of the text of a CSV file, whole lines each."""
    left = chain((header,), rows)
    while some := list(islice(left, _SHOWN)):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(some)
        yield text.getvalue()


def _places(name: str, shape: Shape) -> list[str]:
    """Names of the values of an array: ``prediction``, or ``prediction.0.2`` if it has several."""
    if int(np.prod(shape)) == 1:
        return [name]
    return [".".join([name, *map(str, each)]) for each in product(*map(range, shape))]
