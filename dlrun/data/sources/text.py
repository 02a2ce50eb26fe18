"""Labeled texts in a table or in folders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.files.files_in_folder import files_in
from dlrun.data.files.folders import class_folders, files_of_classes
from dlrun.data.files.unread import Unread
from dlrun.data.labels import class_names
from dlrun.data.row_numbers import RowNumbers
from dlrun.data.side_columns import SideColumn, cells_of
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.text_files import text_array, text_blocks
from dlrun.data.sources.forms.text_source import TextSource
from dlrun.data.tables.delimited import delimited_blocks, read_delimited
from dlrun.data.tables.text_column import TextColumn
from dlrun.data.tables.text_table import TextTable
from dlrun.errors import DataError

_SUFFIXES = frozenset((".txt",))
"""Endings of files that are read as texts."""
_FILES = ".txt files"
"""Their name in messages."""


@source("text")
class Text(TextSource):
    """Texts with labels: a table with a column of texts and one of labels, or one folder per class.

    The table has the format of csv: UTF-8 text, a header line, quotes around fields with commas or
    line breaks; a file whose name ends in .gz is unpacked.  In the column of texts, only an empty
    cell and the values of ``missing`` mean a missing value, which is an error; NA is a text.  In a
    folder, each class is a subfolder with one .txt file per text; its own subfolders belong to the
    class; names that begin with a dot are skipped.

    Networks read numbers, so data.preprocess must begin with tokenize.
    """

    path_fields: ClassVar = ("path",)

    path: str = Field(min_length=1)
    """The file or the folder; a relative path starts at the spec's folder."""
    text: str = Field(default="text", min_length=1)
    """The table's column of texts."""
    target: str = Field(default="label", min_length=1)
    """The table's column of labels."""
    task: Literal["classification", "regression"] = "classification"
    """``regression`` reads the labels of a table as real-valued targets."""

    @model_validator(mode="before")
    @classmethod
    def _beside_the_usual(cls, values: Any) -> Any:
        """Keep usual spellings that are listed: in the column of texts, only these are missing."""
        return values

    @model_validator(mode="after")
    def _two_columns(self) -> Text:
        if self.text == self.target:
            raise ValueError(f"'{self.text}' cannot be both the text and the target")
        return self

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the texts."""
        if (folder / self.path).is_dir():
            self._need_no_table_keys()
        return self._read(self.path, folder, None)

    def load_with_columns(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the texts, with side columns of the table."""
        if (folder / self.path).is_dir():
            return super().load_with_columns(names, seed, folder)
        return self._of_table(self.path, folder, None, names)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further texts with the classes of ``like``."""
        return self._read(path, folder, like.classes)

    def file_blocks(self, path: str, folder: Path, like: Dataset) -> Iterator[Dataset]:
        """The samples of ``load_file`` as they are read; the notes are in the first block."""
        if (folder / path).is_dir():
            yield from self._of_folders(path, folder, like.classes)
            return
        for table in delimited_blocks(folder / path, path, self.written):
            yield self._labelled(table, like.classes)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read the texts of a table, a .txt file, or a folder and its subfolders."""
        if self._is_of_files(path, folder):
            blocks = list(self._unlabelled_files(path, folder))
            names = [name for block in blocks for name in block.names]
            texts = np.concatenate([np.asarray(block.inputs) for block in blocks])
            return Unlabelled(texts, names, notes=blocks[0].notes)
        table = read_delimited(folder / path, path, self.written)
        cells = self._texts(table).cells
        return Unlabelled(text_array(cells), [str(number) for number in range(len(cells))])

    def input_blocks(
        self, path: str, folder: Path, like: Dataset, id_column: str | None = None
    ) -> Iterator[Unlabelled]:
        """The samples of ``load_inputs`` as they are read; the notes are in the first block."""
        if self._is_of_files(path, folder):
            if id_column is not None:
                self.column_of(path, folder, id_column)
            yield from self._unlabelled_files(path, folder)
            return
        first = 0
        for table in delimited_blocks(folder / path, path, self.written):
            cells = self._texts(table).cells
            names = RowNumbers(len(cells), first)
            yield Unlabelled(text_array(cells), names, ids=cells_of(table, id_column))
            first += len(cells)

    def form_of_files(self) -> str:
        """The column of a table; a folder has none."""
        return f", in the column '{self.text}' of a table or in {_FILES}"

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The table; nothing for folders, which may contain very many files."""
        path = folder / self.path
        return () if path.is_dir() else (path,)

    def _read(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        if not (folder / path).is_dir():
            return self._of_table(path, folder, classes)
        blocks = list(self._of_folders(path, folder, classes))
        return replace(
            blocks[0],
            inputs=np.concatenate([np.asarray(block.inputs) for block in blocks]),
            targets=np.concatenate([block.targets for block in blocks]),
            names=[name for block in blocks for name in block.names or ()],
        )

    def _of_table(
        self,
        path: str,
        folder: Path,
        classes: tuple[str, ...] | None,
        names: Sequence[str] = (),
    ) -> Dataset:
        table = read_delimited(folder / path, path, self.written)
        return self._labelled(table, classes, names)

    def _labelled(
        self, table: TextTable, classes: tuple[str, ...] | None, names: Sequence[str] = ()
    ) -> Dataset:
        texts = self._texts(table)
        if lack := table.lacks(self.target):
            raise DataError(lack)
        labels = table.column(self.target, self.absent)
        labels.need_all("label", classes or ())
        side_columns = SideColumn.of_table(table, names)
        if self.task == "regression":
            return Dataset(
                text_array(texts.cells),
                labels.numbers(needed=True)[:, None],
                "regression",
                side_columns=side_columns,
            )
        known = classes or class_names(labels.values(), labels.parse)
        codes = labels.class_codes(known)
        return Dataset(
            text_array(texts.cells), codes, "classification", known, side_columns=side_columns
        )

    def _texts(self, table: TextTable) -> TextColumn:
        """The column of texts, in which NA is a text like any other unless the spec lists it."""
        if lack := table.lacks(self.text):
            raise DataError(lack)
        column = table.column(self.text, frozenset(("", *self.missing)))
        column.need_all("text")
        return column

    def _need_no_table_keys(self) -> None:
        """Check that no key is set that has no effect on folders.

        Raises:
            DataError: one is.
        """
        for name, field in type(self).model_fields.items():
            if name not in ("path", "task") and getattr(self, name) != field.default:
                raise DataError(
                    f"{self.path}: '{name}' is a key for tables, but this is a folder; remove it"
                )

    def _of_folders(
        self, path: str, folder: Path, classes: tuple[str, ...] | None
    ) -> Iterator[Dataset]:
        if self.task == "regression":
            raise DataError(
                f"{path}: folders are classes; regression needs a table with a column of labels"
            )
        root = folder / path
        unread = Unread()
        names = class_folders(root, path, _SUFFIXES, unread)
        found, codes, known = files_of_classes(
            root, path, names, _SUFFIXES, _FILES, classes, unread
        )
        files = [(file.path, file.name) for file in found]
        notes = unread.note(path, _FILES)
        for first, texts in text_blocks(files):
            own = slice(first, first + len(texts))
            shown = [name for _, name in files[own]]
            yield Dataset(texts, codes[own], "classification", known, notes=notes, names=shown)
            notes = ()

    def _is_of_files(self, path: str, folder: Path) -> bool:
        """Whether each sample is a file, not a row of a table."""
        return (folder / path).is_dir() or path.lower().endswith(".txt")

    def _unlabelled_files(self, path: str, folder: Path) -> Iterator[Unlabelled]:
        """The texts of a folder and its subfolders, or of one file; at least one block."""
        files, unread = [(folder / path, path)], Unread()
        if (folder / path).is_dir():
            found = files_in(folder / path, path, _SUFFIXES, unread)
            files = [(file.path, file.name) for file in found]
        notes = unread.note(path, _FILES)
        if not files:
            skipped = "".join(f" ({note})" for note in notes)
            raise DataError(f"{path}: no .txt file in it{skipped}")
        for first, texts in text_blocks(files):
            shown = [name for _, name in files[first : first + len(texts)]]
            yield Unlabelled(texts, shown, notes=notes)
            notes = ()
