"""Texts in a table or in folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.delimited import read_delimited, read_text
from dlrun.data.source import Source, source
from dlrun.data.sources.csv import Delimiter
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean


@source("text")
class Text(Source):
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
    delimiter: Delimiter = None
    """The character between two fields of the table, or ``tab``; null is a tab in files called .tsv
    or .tab and a comma in others."""
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

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further texts of the classes of ``like``."""
        return self._read(path, folder, like.classes)

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

    def _of_table(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        table = read_delimited(folder / path, path, self.delimiter)
        for name in (self.text, self.target):
            if name not in table.header:
                advice = did_you_mean(name, table.header)
                raise DataError(f"{path}:1: the header has no column '{name}'; {advice}")
        texts, labels = (table.column(name, frozenset(("",))) for name in (self.text, self.target))
        for column, what in ((texts, "text"), (labels, "label")):
            if "" in column.cells:
                row = column.cells.index("")
                raise column.fault(row, f"the {what} is empty; fill it in or remove the row")
        if self.task == "regression":
            return Dataset(_objects(texts.cells), labels.numbers()[:, None], "regression")
        known = classes or tuple(labels.values())
        for row, label in enumerate(labels.cells):
            if label not in known:
                raise labels.fault(row, f"{label!r} is no class of the training data")
        codes = labels.codes(known).astype(np.int64)
        return Dataset(_objects(texts.cells), codes, "classification", known)

    def _of_folders(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        if self.task == "regression":
            raise DataError(f"{path}: folders are classes; a regression needs a table of labels")
        found = {
            name: list(_files(folder / path / name, f"{path}/{name}"))
            for name in _folders(folder / path, path)
        }
        found = {name: files for name, files in found.items() if files}
        if not found:
            raise DataError(f"{path}: no folder with .txt files in it; make one for each class")
        known = classes or tuple(found)
        for name in found:
            if name not in known:
                advice = did_you_mean(name, known)
                raise DataError(f"{path}: the training data has no class '{name}'; {advice}")
        codes = [known.index(name) for name, files in found.items() for _ in files]
        texts = [_text(*file) for files in found.values() for file in files]
        return Dataset(_objects(texts), np.array(codes, np.int64), "classification", known)


def _objects(texts: Sequence[str]) -> Array:
    """(n,) objects, of which NumPy makes no array of letters."""
    result = np.empty(len(texts), dtype=object)
    result[:] = texts
    return result


def _folders(root: Path, shown: str) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return sorted(e.name for e in entries if e.is_dir() and e.name[0] != ".")
    except OSError as error:
        raise DataError(f"{shown}: {error.strerror} ({root})") from error


def _files(root: Path, shown: str) -> Iterator[tuple[Path, str]]:
    """The .txt files in a folder and all folders in it, and their names for messages, in order."""
    try:
        with os.scandir(root) as entries:
            found = sorted((e for e in entries if e.name[0] != "."), key=lambda e: e.name)
    except OSError as error:
        raise DataError(f"{shown}: {error.strerror} ({root})") from error
    for entry in found:
        name = f"{shown}/{entry.name}"
        if entry.is_dir():
            yield from _files(root / entry.name, name)
        elif entry.name.lower().endswith(".txt"):
            yield root / entry.name, name


def _text(path: Path, shown: str) -> str:
    text = read_text(path, shown).strip()
    if not text:
        raise DataError(f"{shown}: the file is empty; write a text or remove the file")
    return text
