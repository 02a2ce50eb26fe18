"""Folders of files with one sample each: one folder per class, or a table of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dlrun.arrays import Array, Shape
from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.files.absent import reason
from dlrun.data.files.decode import sample_shape
from dlrun.data.files.files_in_folder import files_in
from dlrun.data.files.folders import class_folders, files_of_classes
from dlrun.data.files.form import Form
from dlrun.data.files.source_file import SourceFile
from dlrun.data.files.unread import Unread
from dlrun.data.labels import class_names
from dlrun.data.side_columns import SideColumn
from dlrun.data.sources.forms.decoded_files import Decoding, Files
from dlrun.data.sources.forms.text_source import TextSource
from dlrun.data.tables.delimited import read_delimited
from dlrun.data.tables.text_column import TextColumn
from dlrun.errors import DataError


class LabelledFiles(TextSource):
    """The base class of sources that read one sample from each file."""

    path_fields: ClassVar = ("path", "labels")
    suffixes: ClassVar[frozenset[str]]
    """Endings of such files."""
    fixed_by: ClassVar[str]
    """The field that gives all samples the same shape."""
    full_scale: ClassVar[float | None] = None
    """Divisor of the values of files; None leaves them unchanged."""
    whole: ClassVar[Mapping[np.dtype[np.generic], tuple[float, float]]]
    """Integer types that arrays of samples may have, with the integers that stand for 0 and for
    the distance from 0 to full scale."""

    path: str = Field(min_length=1)
    """The folder; a relative path starts at the spec's folder.  A separate validation or test set
    is another such folder or, with ``labels``, another such table."""
    labels: str | None = None
    """A table in the format of csv with the label of each file; a relative path starts at the
    spec's folder."""
    file: str = Field(default="file", min_length=1)
    """The table's column of files; a relative path starts at ``path``."""
    target: str = Field(default="label", min_length=1)
    """The table's column of labels."""
    task: Literal["classification", "regression"] = "classification"
    """``regression`` reads the labels of a table as real-valued targets."""
    on_error: Literal["fail", "skip"] = "fail"
    """Broken files: ``fail`` with an error, or ``skip`` them and list them in left-out.csv."""

    def form(self) -> Form:
        """What files are decoded to."""
        raise NotImplementedError

    def sampling_rate(self) -> int | None:
        """Sampling rate of waveforms in Hz; None for other files."""
        return None

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the files."""
        return self._decoding().dataset(self._files(folder))

    def load_with_columns(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the files, with side columns of the table of labels."""
        if self.labels is None:
            return super().load_with_columns(names, seed, folder)
        return self._decoding().dataset(self._of_table(self.labels, folder, None, names))

    def load_as_target(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the files; without ``labels``, they need not be in a folder for each class."""
        if self.labels is not None:
            table = self._of_table(self.labels, folder, None, names, labelled=False)
            data = self._decoding().dataset(table)
            return data if table.targets.shape[1:] != (0,) else replace(data, task="regression")
        root, unread = folder / self.path, Unread()
        if names or self.task == "regression":
            return super().load_as_target(names, seed, folder)
        inside = class_folders(root, self.path, self.suffixes, unread)
        if any(self._has_files(root / name) for name in inside):
            return super().load_as_target(names, seed, folder)
        data = self._decoding().dataset(self._all_files(root, self.path))
        return replace(data, task="regression")

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further files with the classes and the sample shape of ``like``."""
        data = self._decoding().dataset(self._files_like(path, folder, like))
        self._need_shape(path, data.sample_shape, like)
        return data

    def file_blocks(self, path: str, folder: Path, like: Dataset) -> Iterator[Dataset]:
        """The samples of ``load_file`` in blocks of files; the notes are in a last block."""
        return self._blocks(path, self._files_like(path, folder, like), like)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read a file, the files of a table, or all files in a folder and its subfolders."""
        data = self._decoding().dataset(self._unlabelled_files(path, folder))
        self._need_shape(path, data.sample_shape, like)
        return Unlabelled(data.inputs, data.names or (), notes=data.notes)

    def input_blocks(
        self, path: str, folder: Path, like: Dataset, id_column: str | None = None
    ) -> Iterator[Unlabelled]:
        """The samples of ``load_inputs`` in blocks of files; the notes are in a last block."""
        if id_column is not None:
            self.column_of(path, folder, id_column)
        for data in self._blocks(path, self._unlabelled_files(path, folder), like):
            yield Unlabelled(data.inputs, data.names or (), notes=data.notes)

    def _blocks(self, path: str, files: Files, like: Dataset) -> Iterator[Dataset]:
        shape = sample_shape(files.files, self.form())
        self._need_shape(path, shape, like)
        return self._decoding().blocks(files, shape)

    def of_array(self, array: Array, like: Dataset) -> Array:
        """Floats unchanged; integers scaled by the full scale of their type, as files are."""
        kind = array.dtype
        if kind.kind not in "iu":
            return super().of_array(array, like)
        if kind not in self.whole:
            types = " or ".join(str(each) for each in self.whole)
            raise DataError(
                f"predict needs {self.form().name} as {types}, scaled by their type, or as floats "
                f"with the scale of the source; got {kind}"
            )
        middle, full = self.whole[kind]
        floats = (array.astype(np.float64) - middle) / full
        return floats.astype(np.float32)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The table, if there is one; without the samples, which may be very many."""
        return () if self.labels is None else (folder / self.labels,)

    def _decoding(self) -> Decoding:
        skip, rate = self.on_error == "skip", self.sampling_rate()
        return Decoding(self.form(), self.full_scale, skip, self.task, rate)

    def _need_shape(self, path: str, shape: Shape, like: Dataset) -> None:
        if shape != like.sample_shape:
            raise DataError(
                f"{path}: {self.form().name} of shape {shape}, in the training data "
                f"they have {like.sample_shape}; set data.source.{self.fixed_by}"
            )

    def _has_files(self, folder: Path) -> bool:
        """Whether a folder or one of its subfolders contains samples."""
        return any(True for _ in files_in(folder, folder.name, self.suffixes, Unread()))

    def _unlabelled_files(self, path: str, folder: Path) -> Files:
        """Further files, which need no targets."""
        place = folder / path
        is_table = self.labels is not None and place.suffix.lower() not in self.suffixes
        if is_table and place.is_file():
            return self._of_table(path, folder, None, labelled=False)
        return self._all_files(place, path)

    def _all_files(self, place: Path, path: str) -> Files:
        """A file, or all in a folder and its subfolders, without targets."""
        unread, what = Unread(), self.form().name
        if place.is_dir():
            files = list(files_in(place, path, self.suffixes, unread))
        else:
            files = [_file(place, path)]
        notes = unread.note(path, what)
        if not files:
            skipped = "".join(f" ({note})" for note in notes)
            raise DataError(f"{path}: no {what} in it{skipped}")
        return Files(path, files, np.empty((len(files), 0), np.float32), notes=notes)

    def _files(self, folder: Path) -> Files:
        """The files of the training data."""
        if self.labels is not None:
            return self._of_table(self.labels, folder, None)
        return self._of_folders(self.path, folder, None)

    def _files_like(self, path: str, folder: Path, like: Dataset) -> Files:
        """Further files with the classes of the training data."""
        read = self._of_folders if self.labels is None else self._of_table
        return read(path, folder, like.classes)

    def _of_folders(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Files:
        root = folder / path
        unread = Unread()
        names = class_folders(root, path, self.suffixes, unread)
        if self.task == "regression":
            raise DataError("folders are classes; regression needs a table: set data.source.labels")
        what = self.form().name
        files, codes, known = files_of_classes(
            root, path, names, self.suffixes, what, classes, unread
        )
        return Files(path, files, codes, known, unread.note(path, what))

    def _of_table(
        self,
        name: str,
        folder: Path,
        classes: tuple[str, ...] | None,
        names: Sequence[str] = (),
        *,
        labelled: bool = True,
    ) -> Files:
        table = read_delimited(folder / name, name, self.written)
        labelled = labelled or not table.lacks(self.target)
        for needed in (self.file, *([self.target] if labelled else [])):
            if lack := table.lacks(needed):
                raise DataError(lack)
        column = table.column(self.file, frozenset(("",)))
        column.need_all("file")
        side_columns = SideColumn.of_table(table, names)
        files = list(self._listed(column, folder))
        if not labelled:
            none = np.empty((len(files), 0), np.float32)
            return Files(name, files, none, side_columns=side_columns)
        labels = table.column(self.target, self.absent)
        labels.need_all("label", classes or ())
        if self.task == "regression":
            numbers = labels.numbers(needed=True)[:, None]
            return Files(name, files, numbers, side_columns=side_columns)
        known = classes or class_names(labels.values(), labels.parse)
        codes = labels.class_codes(known)
        return Files(name, files, codes, known, side_columns=side_columns)

    def _listed(self, column: TextColumn, folder: Path) -> Iterator[SourceFile]:
        for row, cell in enumerate(column.cells):
            file = folder / self.path / cell
            try:
                yield SourceFile.of(file, cell)
            except OSError as error:
                if self.on_error == "fail":
                    raise column.error(row, reason(error, cell, file)) from error
                yield SourceFile.lost(file, cell)


def _file(file: Path, name: str) -> SourceFile:
    try:
        return SourceFile.of(file, name)
    except OSError as error:
        raise DataError(f"{name}: {reason(error, name, file)}") from error
