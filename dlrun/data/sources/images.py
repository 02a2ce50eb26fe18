"""Image files in folders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Literal, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.array_file import StoredArray, StoredRows
from dlrun.data.dataset import Dataset, Task, Unlabelled
from dlrun.data.delimited import TextColumn, read_delimited
from dlrun.data.file_cache import SourceFile, decode
from dlrun.data.folders import class_folders, files_in
from dlrun.data.image_file import SUFFIXES, Fit, ImageForm, Mode
from dlrun.data.marks import Marks, MissingColumnError
from dlrun.data.samples import Samples, take
from dlrun.data.source import Source, source
from dlrun.errors import DataError
from dlrun.spec.fields import Pair, pair
from dlrun.spec.problems import did_you_mean

_LISTED = 5
"""Files that a note names."""


@source("images")
class Images(Source):
    """Image files: a folder for each class, or a table that gives each file its label.

    PNG, JPEG, BMP, GIF, TIFF, WebP, PPM and PGM are read.  Transparent pixels lie on black, photos
    are turned upright as their EXIF data says.  Folders in a class's folder belong to the class;
    files and folders whose names begin with a dot are left out.

    Decoded images are kept in ``images`` of DLRUN_CACHE or ~/.cache/dlrun, so that the next
    training need not decode them; a file that was changed is noticed by its size and time.
    """

    path: str = Field(min_length=1)
    """The folder; a relative path starts at the spec's.  A further part is a folder like it, or,
    with ``labels``, a table like that."""
    size: Pair | None = None
    """(height, width) of all images, or one number for both; null where all are of one size."""
    mode: Mode = "rgb"
    """``rgb`` has three channels, ``grayscale`` one."""
    fit: Fit = "stretch"
    """How an image of other proportions gets the size: ``stretch``, ``crop`` what is too much, or
    ``pad`` with black."""
    labels: str | None = None
    """A CSV file with the label of each image; a relative path starts at the spec's folder."""
    file: str = Field(default="file", min_length=1)
    """The table's column of files; a relative path starts at ``path``."""
    target: str = Field(default="label", min_length=1)
    """The table's column of labels."""
    task: Task = "classification"
    """``regression`` takes the labels of a table as numbers."""
    on_error: Literal["fail", "skip"] = "fail"
    """What a broken file does: end everything, or be left out and listed in left-out.csv."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the images."""
        if self.labels is not None:
            return self._of_table(self.labels, folder, None)
        return self._of_folders(self.path, folder, None)

    def load_marked(self, names: Sequence[str], seed: int, folder: Path) -> Dataset:
        """Read the images; the columns are those of the table of labels."""
        if self.labels is None:
            return super().load_marked(names, seed, folder)
        return self._of_table(self.labels, folder, None, names)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further images, of the classes and the shape of ``like``."""
        read = self._of_folders if self.labels is None else self._of_table
        data = read(path, folder, like.classes)
        if data.sample_shape != like.sample_shape:
            raise DataError(
                f"{path}: images of shape {data.sample_shape}, in the training data they have "
                f"{like.sample_shape}; give data.source a size"
            )
        return data

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read an image, or all images in a folder and in its folders."""
        place = folder / path
        files = list(files_in(place, path, SUFFIXES)) if place.is_dir() else [_image(place, path)]
        if not files:
            raise DataError(f"{path}: no images in it")
        data = self._dataset(path, files, np.arange(len(files))[:, None], None)
        if data.sample_shape != like.sample_shape:
            raise DataError(
                f"{path}: images of shape {data.sample_shape}, in the training data they have "
                f"{like.sample_shape}"
            )
        numbers = np.asarray(data.targets)[:, 0].tolist()
        return Unlabelled(data.inputs, [files[number].name for number in numbers])

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The table, where there is one; of images there may be very many."""
        return () if self.labels is None else (folder / self.labels,)

    def anchored(self, folder: Path) -> Self:
        """With absolute paths."""
        paths = {"path": self.path} | ({} if self.labels is None else {"labels": self.labels})
        absolute = {name: str((folder / path).absolute()) for name, path in paths.items()}
        return self.model_copy(update=absolute)

    def _of_folders(self, path: str, folder: Path, classes: tuple[str, ...] | None) -> Dataset:
        root = folder / path
        names = class_folders(root, path)
        if self.task == "regression":
            raise DataError("folders are classes; give data.source a table of labels")
        found = {name: list(files_in(root / name, f"{path}/{name}", SUFFIXES)) for name in names}
        found = {name: files for name, files in found.items() if files}
        if not found:
            raise DataError(f"{path}: no folder with images in it; make one for each class")
        known = classes or tuple(found)
        for name in found:
            if name not in known:
                raise DataError(
                    f"{path}: the training data has no class '{name}'; {did_you_mean(name, known)}"
                )
        codes = [known.index(name) for name, files in found.items() for _ in files]
        files = [file for each in found.values() for file in each]
        return self._dataset(path, files, np.array(codes, np.int64), known)

    def _of_table(
        self,
        name: str,
        folder: Path,
        classes: tuple[str, ...] | None,
        marked: Sequence[str] = (),
    ) -> Dataset:
        table = read_delimited(folder / name, name, ",")
        for needed in (self.file, self.target):
            if needed not in table.header:
                advice = did_you_mean(needed, table.header)
                raise DataError(f"{name}:1: the header has no column '{needed}'; {advice}")
        column = table.column(self.file, frozenset(("",)))
        labels = table.column(self.target, frozenset(("",)))
        for each in (column, labels):
            if "" in each.cells:
                raise each.fault(each.cells.index(""), "it is empty; fill it in or remove the row")
        for wanted in marked:
            if wanted not in table.header:
                advice = did_you_mean(wanted, table.header)
                raise MissingColumnError(f"{name}:1: the header has no column '{wanted}'; {advice}")
        marks = {mark: Marks.of(table.column(mark, frozenset(("",)))) for mark in marked}
        files = list(self._listed(column, folder))
        if self.task == "regression":
            return self._dataset(name, files, labels.numbers()[:, None], None, marks)
        known = classes or tuple(labels.values())
        for row, label in enumerate(labels.cells):
            if label not in known:
                raise labels.fault(row, f"{label!r} is no class of the training data")
        codes = labels.codes(known).astype(np.int64)
        return self._dataset(name, files, codes, known, marks)

    def _listed(self, column: TextColumn, folder: Path) -> Iterator[SourceFile]:
        for row, cell in enumerate(column.cells):
            file = folder / self.path / cell
            try:
                state = file.stat()
            except OSError as error:
                if self.on_error == "fail":
                    raise column.fault(row, f"{error.strerror} ({file})") from error
                yield SourceFile(file, cell, 0, 0)
            else:
                yield SourceFile(file, cell, state.st_size, state.st_mtime_ns)

    def _dataset(
        self,
        name: str,
        files: Sequence[SourceFile],
        targets: Array,
        classes: tuple[str, ...] | None,
        marks: Mapping[str, Marks] = MappingProxyType({}),
    ) -> Dataset:
        size = None if self.size is None else pair(self.size)
        form = ImageForm(size, self.mode, self.fit)
        found = decode(files, form, skip=self.on_error == "skip")
        inputs: Samples
        if isinstance(found.samples, StoredArray):
            inputs = StoredRows(found.samples, found.samples.shape[1:], 255.0)
        else:
            inputs = found.samples.astype(np.float32)
            inputs /= np.float32(255)
        notes: tuple[str, ...] = ()
        left_out: tuple[tuple[str, str], ...] = ()
        if found.faults:
            usable = np.delete(np.arange(len(files)), list(found.faults))
            if not len(usable):
                raise DataError(f"{name}: none of {len(files)} images can be read")
            inputs, targets = take(inputs, usable), targets[usable]
            marks = {column: each.take(usable.tolist()) for column, each in marks.items()}
            left_out = tuple((files[row].name, what) for row, what in sorted(found.faults.items()))
            notes = (_note(name, len(files), left_out),)
        return Dataset(
            inputs, targets, self.task, classes, notes=notes, marks=marks, left_out=left_out
        )


def _image(file: Path, name: str) -> SourceFile:
    try:
        state = file.stat()
    except OSError as error:
        raise DataError(f"{name}: {error.strerror} ({file})") from error
    return SourceFile(file, name, state.st_size, state.st_mtime_ns)


def _note(name: str, files: int, left_out: Sequence[tuple[str, str]]) -> str:
    listed = [f"{file} ({what})" for file, what in left_out[:_LISTED]]
    more = f" and {len(left_out) - _LISTED} more" if len(left_out) > _LISTED else ""
    return f"{name}: {len(left_out)} of {files} images left out: {', '.join(listed)}{more}"
