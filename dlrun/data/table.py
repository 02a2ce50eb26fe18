"""Sources of tables: columns to learn from, a column to predict, a row each a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset, Task, Unlabelled
from dlrun.data.dates import PARTS, parts_of
from dlrun.data.labels import class_names, whole_number
from dlrun.data.marks import Marks, MissingColumnError
from dlrun.data.read_table import ReadTable, TableColumn
from dlrun.data.source import Source
from dlrun.data.table_notes import lossy, notes_on_column, notes_on_index, notes_on_target
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

_MOST_INFERRED_CLASSES = 20

Kind = Literal["numeric", "categorical", "date", "ignore"]


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
            said = "".join(
                f" ({note})" for note in notes_on_index(table, {self.target, *self.columns})
            )
            raise DataError(f"{table.file}: no column is left to learn from{said}")
        target = table.column(self.target, self.absent)
        target.need_all("target")
        if self.task is None:
            target.is_numeric()  # which dates are not
        found = class_names(target.values(), target.parse)
        task = self.task or _inferred_task(target, found)
        classes = found if task == "classification" else None
        data = self._dataset(table, columns, task, classes)
        guessed = self.task is None
        notes = [
            *notes_on_index(table, {self.target, *self.columns}),
            *notes_on_target(table.file, target, task, guessed=guessed),
        ]
        if task == "regression":
            notes += lossy(target, np.asarray(data.targets))
        untold = set(table.header) - self.columns.keys()
        for column, values in zip(columns, np.asarray(data.inputs).T, strict=True):
            if column.name in untold:
                read = table.column(column.name, self.absent)
                notes += notes_on_column(table.file, read, column, values, alone=len(columns) == 1)
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
