"""Sources of tables: input columns, a target column, and one row per sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset, Task, Unlabelled
from dlrun.data.labels import class_names
from dlrun.data.row_numbers import RowNumbers
from dlrun.data.side_columns import MissingColumnError, SideColumn, cells_of
from dlrun.data.sources.base import Source
from dlrun.data.sources.forms.inferred_task import inferred_task
from dlrun.data.sources.forms.table_notes import (
    lossy,
    notes_on_column,
    notes_on_index,
    notes_on_target,
)
from dlrun.data.sources.forms.training_columns import need_training_columns
from dlrun.data.tables.date_columns import DateColumns
from dlrun.data.tables.dates import PARTS, parts_of
from dlrun.data.tables.new_categories import NewCategories, open_codes
from dlrun.data.tables.read_table import ReadTable
from dlrun.errors import DataError

Kind = Literal["numeric", "categorical", "date", "ignore"]


class Table(Source):
    """The base class of sources of tables; a subclass reads the file.

    The task is classification if the target contains text or at most 20 distinct integers,
    else regression.  Classes and categories are sorted; 1, 01 and 1.0 are the same class.
    """

    path_fields: ClassVar = ("path",)

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""
    target: str | None = Field(default=None, min_length=1)
    """Name of the target column; only ``data.target: input`` does not need one."""
    columns: dict[str, Kind] = Field(default_factory=dict)
    """Kinds of columns, if the guess is wrong: numeric, categorical, date or ignore.  A date
    becomes numeric columns: days since 1970, year, month, day, weekday (Monday is 1) and, if a
    value has a time of day, hour."""
    task: Literal["classification", "regression"] | None = None
    """classification or regression, if the guess is wrong."""

    def read(self, path: str, folder: Path) -> ReadTable:
        """Read a file.

        Raises:
            DataError: it is missing or broken; the message starts with ``path``.
        """
        raise NotImplementedError

    def read_blocks(self, path: str, folder: Path) -> Iterator[ReadTable]:
        """The table of ``read`` in blocks of consecutive rows; by default it is one block.

        Raises:
            DataError: as ``read``, but blocks before the faulty row are returned first.
        """
        yield self.read(path, folder)

    @property
    def absent(self) -> frozenset[str]:
        """Texts that mean a missing value."""
        return frozenset(("",))

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the table."""
        return self.load_with_columns((), seed, folder)

    def load_with_columns(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the table, with side columns, which are inputs only if ``columns`` lists them."""
        self._need_target()
        return self._load(names, folder)

    def load_as_target(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the table; without ``target``, all columns are inputs."""
        return self._load(names, folder)

    def _need_target(self) -> None:
        if self.target is None:
            raise DataError(f"{self.kind} needs 'target'; add it")

    def _load(self, side: Sequence[str], folder: Path) -> Dataset:
        table = self._read(self.path, folder)
        on_index = notes_on_index(table, {self.target, *self.columns})
        side_columns = {name: self._side_column(table, name) for name in side}
        names = [n for n in self._inputs(table) if n in self.columns or n not in side_columns]
        columns = tuple(column for name in names for column in self._describe(table, name))
        if not columns:
            shown = "".join(f" ({note})" for note in on_index)
            raise DataError(f"{table.file}: no input column is left{shown}")
        on_target: list[str] = []
        if self.target is None:
            data = Dataset.without_targets(self._numbers(table, columns), columns)
        else:
            data, on_target = self._with_target(table, columns, self.target)
        notes = [*on_index, *on_target]
        guessed_columns = set(table.header) - self.columns.keys()
        for column, values in zip(columns, np.asarray(data.inputs).T, strict=True):
            if column.name in guessed_columns:
                read = table.column(column.name, self.absent)
                notes += notes_on_column(table.file, read, column, values, alone=len(columns) == 1)
        return replace(data, side_columns=side_columns, notes=tuple(notes))

    def _with_target(
        self, table: ReadTable, columns: tuple[Column, ...], name: str
    ) -> tuple[Dataset, list[str]]:
        """The samples with their targets, and notes on these."""
        target = table.column(name, self.absent)
        target.need_all("target")
        if self.task is None:
            target.is_numeric()  # raises an error for dates
        labels = class_names(target.values(), target.parse)
        task = self.task or inferred_task(target, labels)
        classes = labels if task == "classification" else None
        data = self._dataset(table, columns, task, classes)
        notes = [*notes_on_target(table.file, target, task, guessed=self.task is None)]
        if task == "regression":
            notes += lossy(target, np.asarray(data.targets))
        return data, notes

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read another table with the columns, categories and classes of ``like``."""
        table = self.read(path, folder)
        data = self._labelled(table, path, like)
        return replace(data, notes=self._new(table, like).notes(table.file))

    def file_blocks(self, path: str, folder: Path, like: Dataset) -> Iterator[Dataset]:
        """The samples of ``load_file``, as the rows are read; the notes are in a last block."""
        self._need_target()
        new = NewCategories()
        for table in self.read_blocks(path, folder):
            data = self._labelled(table, path, like)
            self._new(table, like, new)
            yield data
        if notes := new.notes(path):
            yield replace(data.take(np.arange(0)), notes=notes)

    def _labelled(self, table: ReadTable, path: str, like: Dataset) -> Dataset:
        self._need_columns(table, path)
        columns, open_ = like.columns or (), like.new_categories
        known = {self.dates.place(column.name)[0] for column in columns}
        need_training_columns(table, known, self._inputs(table), like)
        if self.target is not None:
            table.column(self.target, self.absent).need_all("target", like.classes or ())
        return self._dataset(table, columns, like.task, like.classes, open_=open_)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read the columns of ``like``; further columns are ignored."""
        table = self.read(path, folder)
        samples = self._unlabelled(table, like, 0)
        return replace(samples, notes=self._new(table, like).notes(table.file))

    def input_blocks(
        self, path: str, folder: Path, like: Dataset, id_column: str | None = None
    ) -> Iterator[Unlabelled]:
        """The samples of ``load_inputs``, as the rows are read; the notes are in a last block."""
        first, new = 0, NewCategories()
        for table in self.read_blocks(path, folder):
            samples = self._unlabelled(table, like, first)
            self._new(table, like, new)
            yield replace(samples, ids=cells_of(table, id_column))
            first += len(samples.inputs)
        if notes := new.notes(path):
            yield Unlabelled(samples.inputs[:0], (), notes=notes)

    def _unlabelled(self, table: ReadTable, like: Dataset, first: int) -> Unlabelled:
        """The samples of a table, of which the first has a number in its file."""
        columns = like.columns or ()
        for column in columns:
            if table.lacks(name := self.dates.place(column.name)[0]):
                raise DataError(
                    f"{table.header_place}: the training data's column '{name}' is "
                    f"missing here; {table.advice(name)}"
                )
        inputs = self._numbers(table, columns, open_=like.new_categories)
        names = RowNumbers(len(inputs), first)

        def gap(row: int, number: int) -> DataError:
            name, _ = self.dates.place(columns[number].name)
            why = "the value is missing, and the run has no impute step; fill it in"
            return table.column(name, self.absent).error(row, why)

        return Unlabelled(inputs, names, gap)

    @property
    def dates(self) -> DateColumns:
        """Its columns of dates."""
        names = (name for name, kind in self.columns.items() if kind == "date")
        return DateColumns(frozenset(names), self.absent)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def _read(self, path: str, folder: Path) -> ReadTable:
        table = self.read(path, folder)
        self._need_columns(table, path)
        return table

    def _need_columns(self, table: ReadTable, path: str) -> None:
        """Check that the columns of the spec exist, and that the target is not an input."""
        for name in (*filter(None, (self.target,)), *self.columns):
            if lack := table.lacks(name):
                raise DataError(lack)
        if self.target is not None and self.target in self.columns:
            raise DataError(
                f"{path}: '{self.target}' is the target, not an input; remove it from "
                "data.source.columns, and set data.source.task if the task is wrong"
            )

    def _side_column(self, table: ReadTable, name: str) -> SideColumn:
        """A column as text, for the split."""
        if lack := table.lacks(name):
            raise MissingColumnError(lack)
        return SideColumn.of(table.column(name, self.absent))

    def _inputs(self, table: ReadTable) -> list[str]:
        """Names of the input columns, in the order of the file."""
        return [
            name
            for name in table.header
            if name != self.target
            and self.columns.get(name) != "ignore"
            and (name not in table.index or name in self.columns)
        ]

    def _describe(self, table: ReadTable, name: str) -> list[Column]:
        """The input columns that a column of the file is turned into."""
        column, kind = table.column(name, self.absent), self.columns.get(name)
        if kind == "date":
            instants, present = column.instants()
            derived = [f"{name}.{part}" for part in parts_of(instants[present])]
            if both := [column for column in derived if not table.lacks(column)]:
                raise DataError(
                    f"{table.file}: '{both[0]}' is a column and would also be derived from the "
                    f"dates of '{name}'; rename the column"
                )
            return [Column(column) for column in derived]
        if kind == "numeric" or (kind is None and column.is_numeric()):
            return [Column(name)]
        return [Column(name, tuple(column.values()))]

    def _dataset(
        self,
        table: ReadTable,
        columns: tuple[Column, ...],
        task: Task,
        classes: tuple[str, ...] | None,
        *,
        open_: bool = False,
    ) -> Dataset:
        inputs = self._numbers(table, columns, open_=open_)
        if self.target is None:
            return Dataset.without_targets(inputs, columns)
        target = table.column(self.target, self.absent)
        if classes is not None:
            return Dataset(inputs, target.class_codes(classes), task, classes, columns)
        return Dataset(inputs, target.numbers(needed=True)[:, None], task, None, columns)

    def _numbers(
        self, table: ReadTable, columns: tuple[Column, ...], *, open_: bool = False
    ) -> Array:
        """(n, columns) float64; ``open_`` makes other categories missing."""
        return np.stack([self._values(table, each, open_=open_) for each in columns], axis=1)

    def _values(self, table: ReadTable, column: Column, *, open_: bool) -> Array:
        """An input column, (n,) float64, NaN where missing."""
        name, part = self.dates.place(column.name)
        read = table.column(name, self.absent)
        if part is not None:
            instants, present = read.instants()
            return np.where(present, PARTS[part](instants), np.nan)
        if column.categories is None:
            return read.numbers()
        return open_codes(read, column.categories) if open_ else read.codes(column.categories)

    def _new(
        self, table: ReadTable, like: Dataset, new: NewCategories | None = None
    ) -> NewCategories:
        """The categories that ``like`` allows although it does not have them, added to ``new``."""
        new = NewCategories() if new is None else new
        for column in (like.columns or ()) if like.new_categories else ():
            if column.categories is not None:
                read = table.column(self.dates.place(column.name)[0], self.absent)
                new.add(read, column.categories)
        return new
