"""Sources of tables: columns to learn from, a column to predict, a row each a sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, Protocol, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset, Task, Unlabelled
from dlrun.data.dates import PARTS, parts_of
from dlrun.data.labels import class_names, whole_number
from dlrun.data.marks import Marks, MissingColumnError, Texts
from dlrun.data.source import Source
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

_MOST_INFERRED_CLASSES = 20
_HARDLY_TWICE = 20
"""Different texts of a column from which on it is looked at whether they occur again."""
_MANY = 1000
"""Categories that are many."""
_EXACT = 2.0**53
"""From here on float64 does not hold every whole number."""
_LONG = 10
"""Rows from which on it is no chance that a column counts them."""

Kind = Literal["numeric", "categorical", "date", "ignore"]


class TableColumn(Texts, Protocol):
    """The same, which can be learned from, as ``TextColumn``."""

    def is_numeric(self) -> bool:
        """Whether it holds numbers."""

    def values(self) -> list[str]:
        """The different texts that are present, sorted."""

    def parse(self, text: str) -> float | None:
        """The number that a text holds, or None."""

    def numbers(self) -> Array:
        """(n,) float64, NaN where missing; DataError where a row holds none."""

    def instants(self) -> tuple[Array, Array]:
        """Dates in microseconds, (n,) int64, and where there are any, (n,) bool."""

    def codes(self, categories: Sequence[str]) -> Array:
        """(n,) float64, NaN where missing; DataError where a row holds no such category."""

    def class_codes(self, classes: Sequence[str]) -> Array:
        """(n,) int64; DataError where a row means no such class."""

    def need_all(self, what: str, known: Sequence[str] = ()) -> None:
        """DataError where a row has no value."""

    def inexact(self) -> int | None:
        """The first row with a whole number that float64 cannot hold."""

    def oddity(self) -> str:
        """What is strange of a column that is taken for text; "" for nothing."""


class ReadTable(Protocol):
    """A table that has been read, as ``TextTable``."""

    @property
    def file(self) -> str:
        """What messages call it."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""

    @property
    def index(self) -> frozenset[str]:
        """Columns that are no data but numbers or names of rows."""

    def lacks(self, name: str) -> str | None:
        """What is wrong where there is no such column; None where there is."""

    def column(self, name: str, missing: frozenset[str]) -> TableColumn:
        """The column of that name."""


class Table(Source):
    """What sources of tables share; a member says how one is read.

    The task is classification where the target holds text or at most 20 different whole numbers,
    else regression.  Classes and categories are sorted; 1, 01 and 1.0 are one class.
    """

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""
    target: str = Field(min_length=1)
    """Name of the column to predict."""
    columns: dict[str, Kind] = Field(default_factory=dict)
    """What columns are, where the guess is wrong: numeric, categorical, date or ignore.  A date
    becomes numbers: days since 1970, year, month, day, weekday (Monday is 1) and, where any has a
    time of day, hour."""
    task: Literal["classification", "regression"] | None = None
    """Classification or regression, where the guess is wrong."""

    names_stand: ClassVar[str] = ""
    """Where in a file the names of its columns stand, behind its name in messages."""

    def read(self, path: str, folder: Path) -> ReadTable:
        """Read a file.

        Raises:
            DataError: it is missing or broken; the message starts with ``path``.
        """
        raise NotImplementedError

    @property
    def absent(self) -> frozenset[str]:
        """Texts that stand for a missing value."""
        return frozenset(("",))

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the table."""
        return self._load((), folder)

    def load_marked(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the table; these columns are no inputs unless ``columns`` says what they are."""
        return self._load(names, folder)

    def _load(self, marked: Sequence[str], folder: Path) -> Dataset:
        table = self._read(self.path, folder)
        marks = {name: self._marks(table, name) for name in marked}
        names = [each for each in self._inputs(table) if each in self.columns or each not in marks]
        columns = tuple(column for name in names for column in self._describe(table, name))
        if not columns:
            raise DataError(f"{table.file}: no column is left to learn from")
        target = table.column(self.target, self.absent)
        target.need_all("target")
        if self.task is None:
            target.is_numeric()  # which dates are not
        found = class_names(target.values(), target.parse)
        task = self.task or _inferred_task(target, found)
        classes = found if task == "classification" else None
        data = self._dataset(table, columns, task, classes)
        guessed = self.task is None
        notes = [*_notes_on_target(table.file, target, task, guessed=guessed)]
        if task == "regression":
            notes += _lossy(target, np.asarray(data.targets))
        untold = set(table.header) - self.columns.keys()
        for column, values in zip(columns, np.asarray(data.inputs).T, strict=True):
            if column.name in untold:
                read = table.column(column.name, self.absent)
                notes += _notes(table.file, read, column, values, alone=len(columns) == 1)
        return replace(data, marks=marks, notes=tuple(notes))

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read a further table with the columns, categories and classes of ``like``."""
        table = self._read(path, folder)
        columns = like.columns or ()
        known = {self._place(table, column.name)[0] for column in columns}
        found = set(self._inputs(table))
        place = f"{table.file}{self.names_stand}"
        if absent := sorted(known - set(table.header)):
            raise DataError(f"{place}: the training data's column '{absent[0]}' is missing here")
        if further := sorted(found - known - like.marks.keys()):
            raise DataError(
                f"{place}: the training data has no column '{further[0]}'; remove it or set "
                f"data.source.columns.{further[0]} to ignore"
            )
        table.column(self.target, self.absent).need_all("target", like.classes or ())
        return self._dataset(table, columns, like.task, like.classes)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read the columns of ``like``, whatever others there are."""
        table = self.read(path, folder)
        columns = like.columns or ()
        for column in columns:
            if table.lacks(name := self._place(table, column.name)[0]):
                raise DataError(
                    f"{path}{self.names_stand}: the training data's column '{name}' is "
                    f"missing here; {did_you_mean(name, table.header)}"
                )
        inputs = self._numbers(table, columns)
        names = [str(number) for number in range(len(inputs))]

        def gap(row: int, number: int) -> DataError:
            name, _ = self._place(table, columns[number].name)
            column = table.column(name, self.absent)
            return column.fault(row, "it is missing, and the run has no impute to fill it in")

        return Unlabelled(inputs, names, gap)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def _read(self, path: str, folder: Path) -> ReadTable:
        table = self.read(path, folder)
        for name in (self.target, *self.columns):
            if lack := table.lacks(name):
                raise DataError(lack)
        if self.target in self.columns:
            raise DataError(
                f"{path}: '{self.target}' is the target, no input; say what it is with "
                "data.source.task instead of data.source.columns"
            )
        return table

    def _marks(self, table: ReadTable, name: str) -> Marks:
        """A column as it stands, for what divides the samples."""
        if lack := table.lacks(name):
            raise MissingColumnError(lack)
        return Marks.of(table.column(name, self.absent))

    def _inputs(self, table: ReadTable) -> list[str]:
        """Names of the columns to learn from, in the order of the file."""
        return [
            name
            for name in table.header
            if name != self.target
            and self.columns.get(name) != "ignore"
            and (name not in table.index or name in self.columns)
        ]

    def _describe(self, table: ReadTable, name: str) -> list[Column]:
        """The columns of inputs that a column of the file makes."""
        column, kind = table.column(name, self.absent), self.columns.get(name)
        if kind == "date":
            instants, present = column.instants()
            made = [f"{name}.{part}" for part in parts_of(instants[present])]
            if both := [each for each in made if not table.lacks(each)]:
                raise DataError(f"{table.file}: '{both[0]}' is a column and a part of '{name}'")
            return [Column(each) for each in made]
        if kind == "numeric" or (kind is None and column.is_numeric()):
            return [Column(name)]
        return [Column(name, tuple(column.values()))]

    def _place(self, table: ReadTable, name: str) -> tuple[str, str | None]:
        """The column of the file that a column of inputs comes from, and the part of its dates."""
        of, _, part = name.rpartition(".")
        if self.columns.get(of) == "date" and part in PARTS:
            return of, part
        return name, None

    def _dataset(
        self,
        table: ReadTable,
        columns: tuple[Column, ...],
        task: Task,
        classes: tuple[str, ...] | None,
    ) -> Dataset:
        inputs, target = self._numbers(table, columns), table.column(self.target, self.absent)
        targets = target.numbers()[:, None] if classes is None else target.class_codes(classes)
        return Dataset(inputs, targets, task, classes, columns)

    def _numbers(self, table: ReadTable, columns: tuple[Column, ...]) -> Array:
        """(n, columns) float64."""
        found = [self._values(table, column) for column in columns]
        return np.stack(found, axis=1)

    def _values(self, table: ReadTable, column: Column) -> Array:
        """A column of inputs, (n,) float64, NaN where missing."""
        name, part = self._place(table, column.name)
        read = table.column(name, self.absent)
        if part is not None:
            instants, present = read.instants()
            return np.where(present, PARTS[part](instants), np.nan)
        return read.numbers() if column.categories is None else read.codes(column.categories)


def _inferred_task(target: TableColumn, names: tuple[str, ...]) -> Task:
    if any(target.parse(name) is None for name in names):
        return "classification"
    whole = all(whole_number(name, target.parse) is not None for name in names)
    return "classification" if whole and len(names) <= _MOST_INFERRED_CLASSES else "regression"


def _notes(
    file: str, read: TableColumn, column: Column, values: Array, *, alone: bool
) -> Iterator[str]:
    """What is strange of a column of inputs of which nobody has said what it is.

    Args:
        file: what messages call the table.
        read: the column as it was read.
        column: what it was taken for.
        values: (n,) of it.
        alone: whether it is the only one.
    """
    say = f"in data.source.columns say {read.name}: "
    if column.categories is None:
        yield from _lossy(read, values)
        if not alone and len(values) >= _LONG and bool((np.diff(values) == 1).all()):
            yield (
                f"{file}: column '{read.name}' counts the rows, so it says where a sample is in "
                f"the file; {say}ignore, or numeric if that is to be learned"
            )
        return
    different = len(column.categories)
    if odd := read.oddity():
        yield (
            f"{file}: column '{read.name}' is taken for text, of {different} categories: {odd}; "
            f"or {say}categorical"
        )
        return
    present = int(np.count_nonzero(~np.isnan(values)))
    if different > _MANY or (different >= _HARDLY_TWICE and different > present / 2):
        yield (
            f"{file}: column '{read.name}' has {different} different texts in {present} rows, each "
            f"a category of its own, and most networks learn nothing from so many; {say}ignore, or "
            "categorical"
        )


def _notes_on_target(file: str, target: TableColumn, task: Task, *, guessed: bool) -> Iterator[str]:
    """What is strange of a target that was taken for classes."""
    if task == "classification" and guessed and (odd := target.oddity()):
        count = len(class_names(target.values(), target.parse))
        yield (
            f"{file}: target '{target.name}' is taken for {count} classes: {odd}; or set "
            "data.source.task to classification"
        )


def _lossy(read: TableColumn, values: Array) -> Iterator[str]:
    """A line where a column holds whole numbers that float64 cannot tell apart."""
    if not bool((np.abs(values) >= _EXACT).any()):  # which NaN is not
        return
    if (row := read.inexact()) is not None:
        fault = read.fault(row, f"{read.cells[row]} loses digits, as 64-bit floats hold whole")
        yield f"{fault} numbers up to 2^53; subtract what all share, or say ignore"
