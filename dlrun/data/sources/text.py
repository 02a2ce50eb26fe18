"""Texts in a table or in folders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.delimited import TextTable, read_delimited, read_text
from dlrun.data.folders import class_folders, files_in, files_of_classes
from dlrun.data.labels import class_names
from dlrun.data.marks import Marks
from dlrun.data.source import source
from dlrun.data.text_column import TextColumn
from dlrun.data.text_source import TextSource
from dlrun.data.unread import Unread
from dlrun.errors import DataError

_SUFFIXES = frozenset((".txt",))
"""Ends of the names of files that are taken for texts."""
_FILES = ".txt files"
"""What messages call them."""


@source("text")
class Text(TextSource):
    """Texts with a label each: a table with a column of either, or a folder for each class.

    The table is as that of csv: UTF-8 text, a header line, quotes around fields with commas or line
    breaks; a name that ends in .gz is unpacked.  In a folder each class has a folder of its own
    with a .txt file a text; folders in it belong to the class; names that begin with a dot are left
    out.

    A network reads numbers: data.preprocess has to begin with tokenize.
    """

    path: str = Field(min_length=1)
    """The file or the folder; a relative path starts at the spec's folder."""
    text: str = Field(default="text", min_length=1)
    """The table's column of texts."""
    target: str = Field(default="label", min_length=1)
    """The table's column of labels."""
    task: Literal["classification", "regression"] = "classification"
    """``regression`` takes the labels of a table as numbers."""

    @model_validator(mode="after")
    def _two_columns(self) -> Text:
        if self.text == self.target:
            raise ValueError(f"'{self.text}' cannot be both the text and the target")
        return self

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the texts."""
        return self._read(self.path, folder, None)

    def load_marked(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the texts; the columns are those of the table."""
        if (folder / self.path).is_dir():
            return super().load_marked(names, seed, folder)
        return self._of_table(self.path, folder, None, names)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further texts of the classes of ``like``."""
        return self._read(path, folder, like.classes)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read the column of texts of a table, a .txt file, or all of a folder and its folders."""
        place = folder / path
        if place.is_dir() or path.lower().endswith(".txt"):
            files, unread = [(place, path)], Unread()
            if place.is_dir():
                found = files_in(place, path, _SUFFIXES, unread)
                files = [(each.path, each.name) for each in found]
            notes = unread.note(path, _FILES)
            if not files:
                there = "".join(f" ({note})" for note in notes)
                raise DataError(f"{path}: no .txt file in it{there}")
            texts = _objects([_text(*file) for file in files])
            return Unlabelled(texts, [name for _, name in files], notes=notes)
        table = read_delimited(place, path, self.written)
        cells = self._texts(table).cells
        return Unlabelled(_objects(cells), [str(number) for number in range(len(cells))])

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The table; of files in folders there may be very many."""
        path = folder / self.path
        return () if path.is_dir() else (path,)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def _read(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        read = self._of_folders if (folder / path).is_dir() else self._of_table
        return read(path, folder, classes)

    def _of_table(
        self,
        path: str,
        folder: Path,
        classes: tuple[str, ...] | None,
        marked: Sequence[str] = (),
    ) -> Dataset:
        table = read_delimited(folder / path, path, self.written)
        texts = self._texts(table)
        if lack := table.lacks(self.target):
            raise DataError(lack)
        labels = table.column(self.target, self.absent)
        labels.need_all("label", classes or ())
        marks = Marks.of_table(table, marked)
        if self.task == "regression":
            return Dataset(
                _objects(texts.cells), labels.numbers()[:, None], "regression", marks=marks
            )
        known = classes or class_names(labels.values(), labels.parse)
        codes = labels.class_codes(known)
        return Dataset(_objects(texts.cells), codes, "classification", known, marks=marks)

    def _texts(self, table: TextTable) -> TextColumn:
        """The column of texts, in which NA is a text."""
        if lack := table.lacks(self.text):
            raise DataError(lack)
        column = table.column(self.text, frozenset(("",)))
        column.need_all("text")
        return column

    def _of_folders(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        if self.task == "regression":
            raise DataError(f"{path}: folders are classes; a regression needs a table of labels")
        root = folder / path
        unread = Unread()
        names = class_folders(root, path, _SUFFIXES, unread)
        files, codes, known = files_of_classes(
            root, path, names, _SUFFIXES, _FILES, classes, unread
        )
        texts = _objects([_text(file.path, file.name) for file in files])
        notes = unread.note(path, _FILES)
        return Dataset(texts, codes, "classification", known, notes=notes)


def _objects(texts: Sequence[str]) -> Array:
    """(n,) objects, of which NumPy makes no array of letters."""
    result = np.empty(len(texts), dtype=object)
    result[:] = texts
    return result


def _text(path: Path, shown: str) -> str:
    text = read_text(path, shown).strip()
    if not text:
        raise DataError(f"{shown}: the file is empty; write a text or remove the file")
    return text
