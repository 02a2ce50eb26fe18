"""Folders of files that are a sample each: a folder for each class, or a table of labels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.array_file import StoredArray, StoredRows
from dlrun.data.dataset import Dataset, Unlabelled
from dlrun.data.delimited import read_delimited
from dlrun.data.file_cache import Form, decode
from dlrun.data.folders import class_folders, files_in, files_of_classes
from dlrun.data.labels import class_names
from dlrun.data.marks import Marks
from dlrun.data.samples import Samples, take
from dlrun.data.source_file import SourceFile
from dlrun.data.text_column import TextColumn
from dlrun.data.text_source import TextSource
from dlrun.data.unread import Unread
from dlrun.errors import DataError

_LISTED = 5
"""Files that a note names."""


class LabelledFiles(TextSource):
    """The root of sources that read a sample from each file."""

    suffixes: ClassVar[frozenset[str]]
    """Ends of the names of such files."""
    fixed_by: ClassVar[str]
    """The field that gives all samples one shape."""
    full_scale: ClassVar[float | None] = None
    """What numbers of files are divided by; None leaves them as they are."""
    whole: ClassVar[Mapping[np.dtype[np.generic], tuple[float, float]]]
    """Types of integers that arrays of samples may have: the value of 0, and full scale from
    there."""

    path: str = Field(min_length=1)
    """The folder; a relative path starts at the spec's.  A further part is a folder like it, or,
    with ``labels``, a table like that."""
    labels: str | None = None
    """A table of text, as that of csv, with the label of each file; a relative path starts at the
    spec's folder."""
    file: str = Field(default="file", min_length=1)
    """The table's column of files; a relative path starts at ``path``."""
    target: str = Field(default="label", min_length=1)
    """The table's column of labels."""
    task: Literal["classification", "regression"] = "classification"
    """``regression`` takes the labels of a table as numbers."""
    on_error: Literal["fail", "skip"] = "fail"
    """What a broken file does: end everything, or be left out and listed in left-out.csv."""

    def form(self) -> Form:
        """What files are brought to."""
        raise NotImplementedError

    def sampling_rate(self) -> int | None:
        """Samples a second of waveforms; None where files hold something else."""
        return None

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the files."""
        if self.labels is not None:
            return self._of_table(self.labels, folder, None)
        return self._of_folders(self.path, folder, None)

    def load_marked(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the files; the columns are those of the table of labels."""
        if self.labels is None:
            return super().load_marked(names, seed, folder)
        return self._of_table(self.labels, folder, None, names)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further files, of the classes and the shape of ``like``."""
        read = self._of_folders if self.labels is None else self._of_table
        data = read(path, folder, like.classes)
        self._need_shape(path, data, like)
        return data

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read a file, or all files in a folder and in its folders."""
        place = folder / path
        unread, what = Unread(), self.form().name
        if place.is_dir():
            files = list(files_in(place, path, self.suffixes, unread))
        else:
            files = [_file(place, path)]
        notes = unread.note(path, what)
        if not files:
            there = "".join(f" ({note})" for note in notes)
            raise DataError(f"{path}: no {what} in it{there}")
        data = self._dataset(path, files, np.arange(len(files))[:, None], None)
        self._need_shape(path, data, like)
        numbers = np.asarray(data.targets)[:, 0].tolist()
        names = [files[number].name for number in numbers]
        return Unlabelled(data.inputs, names, notes=(*notes, *data.notes))

    def of_array(self, array: Array, like: Dataset) -> Array:
        """Floats as they are, and integers with their type's full scale as that of the files."""
        kind = array.dtype
        if kind.kind not in "iu":
            return super().of_array(array, like)
        if kind not in self.whole:
            types = " or ".join(str(each) for each in self.whole)
            raise DataError(
                f"predict takes {self.form().name} as {types}, of which the type tells full scale, "
                f"or as floats as the source gives them; got {kind}"
            )
        middle, full = self.whole[kind]
        floats = (array.astype(np.float64) - middle) / full
        return floats.astype(np.float32)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The table, where there is one; of samples there may be very many."""
        return () if self.labels is None else (folder / self.labels,)

    def anchored(self, folder: Path) -> Self:
        """With absolute paths."""
        paths = {"path": self.path} | ({} if self.labels is None else {"labels": self.labels})
        absolute = {name: str((folder / path).absolute()) for name, path in paths.items()}
        return self.model_copy(update=absolute)

    def _need_shape(self, path: str, data: Dataset, like: Dataset) -> None:
        if data.sample_shape != like.sample_shape:
            raise DataError(
                f"{path}: {self.form().name} of shape {data.sample_shape}, in the training data "
                f"they have {like.sample_shape}; give data.source a {self.fixed_by}"
            )

    def _of_folders(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        root = folder / path
        unread = Unread()
        names = class_folders(root, path, self.suffixes, unread)
        if self.task == "regression":
            raise DataError("folders are classes; give data.source a table of labels")
        what = self.form().name
        files, codes, known = files_of_classes(
            root, path, names, self.suffixes, what, classes, unread
        )
        data = self._dataset(path, files, codes, known)
        return replace(data, notes=(*unread.note(path, what), *data.notes))

    def _of_table(
        self,
        name: str,
        folder: Path,
        classes: tuple[str, ...] | None,
        marked: Sequence[str] = (),
    ) -> Dataset:
        table = read_delimited(folder / name, name, self.written)
        for needed in (self.file, self.target):
            if lack := table.lacks(needed):
                raise DataError(lack)
        column = table.column(self.file, frozenset(("",)))
        labels = table.column(self.target, self.absent)
        column.need_all("file")
        labels.need_all("label", classes or ())
        marks = Marks.of_table(table, marked)
        files = list(self._listed(column, folder))
        if self.task == "regression":
            return self._dataset(name, files, labels.numbers()[:, None], None, marks)
        known = classes or class_names(labels.values(), labels.parse)
        return self._dataset(name, files, labels.class_codes(known), known, marks)

    def _listed(self, column: TextColumn, folder: Path) -> Iterator[SourceFile]:
        for row, cell in enumerate(column.cells):
            file = folder / self.path / cell
            try:
                yield SourceFile.of(file, cell)
            except OSError as error:
                if self.on_error == "fail":
                    raise column.fault(row, f"{error.strerror} ({file})") from error
                yield SourceFile.lost(file, cell)

    def _dataset(
        self,
        name: str,
        files: Sequence[SourceFile],
        targets: Array,
        classes: tuple[str, ...] | None,
        marks: Mapping[str, Marks] = MappingProxyType({}),
    ) -> Dataset:
        form = self.form()
        found = decode(files, form, skip=self.on_error == "skip")
        inputs: Samples
        if isinstance(found.samples, StoredArray):
            inputs = StoredRows(found.samples, found.samples.shape[1:], self.full_scale)
        else:
            inputs = found.samples.astype(np.float32)
            if self.full_scale is not None:
                inputs /= np.float32(self.full_scale)
        notes = found.notes
        left_out: tuple[tuple[str, str], ...] = ()
        if found.faults:
            usable = np.delete(np.arange(len(files)), list(found.faults))
            if not len(usable):
                raise DataError(f"{name}: none of {len(files)} {form.name} can be read")
            inputs, targets = take(inputs, usable), targets[usable]
            marks = {column: each.take(usable.tolist()) for column, each in marks.items()}
            left_out = tuple((files[row].name, what) for row, what in sorted(found.faults.items()))
            notes = (*notes, _note(name, form.name, len(files), left_out))
        return Dataset(
            inputs,
            targets,
            self.task,
            classes,
            rate=self.sampling_rate(),
            notes=notes,
            marks=marks,
            left_out=left_out,
        )


def _file(file: Path, name: str) -> SourceFile:
    try:
        return SourceFile.of(file, name)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror} ({file})") from error


def _note(name: str, what: str, files: int, left_out: Sequence[tuple[str, str]]) -> str:
    listed = [f"{file} ({fault})" for file, fault in left_out[:_LISTED]]
    more = f" and {len(left_out) - _LISTED} more" if len(left_out) > _LISTED else ""
    return f"{name}: {len(left_out)} of {files} {what} left out: {', '.join(listed)}{more}"
