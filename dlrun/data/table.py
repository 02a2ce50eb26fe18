"""Sources of tables: columns to learn from, a column to predict, a row each a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, Protocol, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset, Task, Unlabelled
from dlrun.data.delimited import parse_number
from dlrun.data.marks import Marks, MissingColumnError, Texts
from dlrun.data.source import Source
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

_MOST_INFERRED_CLASSES = 20
_EXACT = 2.0**53  # whole numbers up to this one are exact in float64

Kind = Literal["numeric", "categorical", "ignore"]


class TableColumn(Texts, Protocol):
    """The same, which can be learned from, as ``TextColumn``."""

    def is_numeric(self) -> bool:
        """Whether it holds numbers."""

    def values(self) -> list[str]:
        """The different texts that are present, sorted."""

    def numbers(self) -> Array:
        """(n,) float64, NaN where missing; DataError where a row holds none."""

    def codes(self, categories: Sequence[str]) -> Array:
        """(n,) float64, NaN where missing; DataError where a row holds no such category."""


class ReadTable(Protocol):
    """A table that has been read, as ``TextTable``."""

    @property
    def file(self) -> str:
        """What messages call it."""

    @property
    def header(self) -> tuple[str, ...]:
        """Names of the columns."""

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
    """What columns are, where the guess is wrong: numeric, categorical or ignore."""
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
        missing = self.absent
        marks = {name: self._marks(table, name) for name in marked}
        names = [each for each in self._inputs(table) if each in self.columns or each not in marks]
        columns = tuple(self._describe(table.column(name, missing)) for name in names)
        if not columns:
            raise DataError(f"{table.file}: no column is left to learn from")
        target = table.column(self.target, missing)
        self._need_every_target(target)
        found = _class_names(target)
        task = self.task or _inferred_task(found)
        classes = found if task == "classification" else None
        return replace(self._dataset(table, columns, task, classes), marks=marks)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read a further table with the columns, categories and classes of ``like``."""
        table = self._read(path, folder)
        columns = like.columns or ()
        known = {column.name for column in columns}
        found = set(self._inputs(table))
        place = f"{table.file}{self.names_stand}"
        if absent := sorted(known - found):
            raise DataError(f"{place}: the training data's column '{absent[0]}' is missing here")
        if further := sorted(found - known - like.marks.keys()):
            raise DataError(
                f"{place}: the training data has no column '{further[0]}'; remove it here"
            )
        self._need_every_target(table.column(self.target, self.absent))
        return self._dataset(table, columns, like.task, like.classes)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read the columns of ``like``, whatever others there are."""
        table = self.read(path, folder)
        columns = like.columns or ()
        for column in columns:
            if column.name not in table.header:
                raise DataError(
                    f"{path}{self.names_stand}: the training data's column '{column.name}' is "
                    f"missing here; {did_you_mean(column.name, table.header)}"
                )
        inputs = self._numbers(table, columns)
        names = [str(number) for number in range(len(inputs))]

        def gap(row: int, number: int) -> DataError:
            column = table.column(columns[number].name, self.absent)
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
            if name not in table.header:
                raise DataError(self._lacks(table, name))
        if self.target in self.columns:
            raise DataError(
                f"{path}: '{self.target}' is the target, no input; say what it is with "
                "data.source.task instead of data.source.columns"
            )
        return table

    def _lacks(self, table: ReadTable, name: str) -> str:
        advice = did_you_mean(name, table.header)
        return f"{table.file}{self.names_stand}: the header has no column '{name}'; {advice}"

    def _marks(self, table: ReadTable, name: str) -> Marks:
        """A column as it stands, for what divides the samples."""
        if name not in table.header:
            raise MissingColumnError(self._lacks(table, name))
        return Marks.of(table.column(name, self.absent))

    def _inputs(self, table: ReadTable) -> list[str]:
        """Names of the columns to learn from, in the order of the file."""
        return [
            name
            for name in table.header
            if name != self.target and self.columns.get(name) != "ignore"
        ]

    def _describe(self, column: TableColumn) -> Column:
        kind = self.columns.get(column.name)
        if kind == "numeric" or (kind is None and column.is_numeric()):
            return Column(column.name)
        return Column(column.name, tuple(column.values()))

    def _need_every_target(self, target: TableColumn) -> None:
        for row, cell in enumerate(target.cells):
            if cell in target.missing:
                raise target.fault(row, "the target is missing; fill it in or remove the row")

    def _dataset(
        self,
        table: ReadTable,
        columns: tuple[Column, ...],
        task: Task,
        classes: tuple[str, ...] | None,
    ) -> Dataset:
        inputs, target = self._numbers(table, columns), table.column(self.target, self.absent)
        targets = target.numbers()[:, None] if classes is None else _class_codes(target, classes)
        return Dataset(inputs, targets, task, classes, columns)

    def _numbers(self, table: ReadTable, columns: tuple[Column, ...]) -> Array:
        """(n, columns) float64."""
        rows = len(table.column(columns[0].name, self.absent).cells)
        inputs = np.empty((rows, len(columns)))
        for number, column in enumerate(columns):
            text = table.column(column.name, self.absent)
            inputs[:, number] = (
                text.numbers() if column.categories is None else text.codes(column.categories)
            )
        return inputs


def _whole(text: str) -> int | None:
    """The whole number that a text stands for, if it does."""
    value = parse_number(text)
    if value is None or not value.is_integer() or abs(value) > _EXACT:
        return None
    return int(value)


def _class_name(text: str) -> str:
    number = _whole(text)
    return text if number is None else str(number)


def _class_names(target: TableColumn) -> tuple[str, ...]:
    """Names of the classes: whole numbers by size, then other texts by the alphabet."""

    def order(name: str) -> tuple[bool, int, str]:
        number = _whole(name)
        return (number is None, number or 0, name)

    return tuple(sorted({_class_name(text) for text in target.values()}, key=order))


def _inferred_task(names: tuple[str, ...]) -> Task:
    if any(parse_number(name) is None for name in names):
        return "classification"
    if len(names) <= _MOST_INFERRED_CLASSES and all(_whole(name) is not None for name in names):
        return "classification"
    return "regression"


def _class_codes(target: TableColumn, classes: tuple[str, ...]) -> Array:
    code = {name: number for number, name in enumerate(classes)}
    codes = np.empty(len(target.cells), dtype=np.int64)
    for row, cell in enumerate(target.cells):
        found = code.get(_class_name(cell))
        if found is None:
            raise target.fault(row, f"{cell!r} is no class of the training data")
        codes[row] = found
    return codes
