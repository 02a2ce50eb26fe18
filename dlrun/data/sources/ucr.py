"""Time series in the formats of the UCR and UEA archives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, PositiveInt

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Task, Unlabelled
from dlrun.data.labels import class_codes, class_names
from dlrun.data.numerals import parse_number
from dlrun.data.row_numbers import RowNumbers
from dlrun.data.sources.base import Source, source
from dlrun.data.tables.series import Known, Line, SeriesFile
from dlrun.data.tables.series_file import read_series, series_blocks
from dlrun.errors import DataError


@source("ucr")
class Ucr(Source):
    """Labeled time series in the formats of the UCR and UEA archives.

    A .tsv or .txt file has one series per line: its label, then its values, separated by tabs,
    commas or blanks.  A .ts file has a header; colons separate the dimensions of a series and the
    label after them.  Samples are (steps, dimensions).  1, 01 and 1.0 are the same class.

    Series that are shorter than the longest are padded at the end; the layer ``masking`` makes
    later layers ignore the padding.  Use ``split: {test: FILE}`` for the test set of an archive.
    Dau et al., "The UCR time series archive", 2019.
    """

    path_fields: ClassVar = ("path",)

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""
    length: PositiveInt | None = None
    """Steps of all series; longer ones are cut at the end; null is the longest in the file."""
    padding: float = 0.0
    """Padding value."""
    missing: Literal["fail", "interpolate"] = "fail"
    """Missing values within a series: ``fail`` with an error, or ``interpolate`` linearly."""
    task: Literal["classification", "regression"] | None = None
    """null is the task in the header of the file, else classification."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the series."""
        found = read_series(folder / self.path, self.path)
        length = self.length or max(len(line.values) for line in found.lines)
        inputs = self._inputs(found, length)
        task: Task = self.task or ("regression" if found.numbers else "classification")
        if task == "regression":
            return Dataset(inputs, _numbers(found), task)
        labels = [line.label for line in found.lines]
        if self.task is None:
            _need_no_fractions(found)
        classes = class_names([*labels, *(found.classes or ())])
        return Dataset(inputs, _codes(found, classes), task, classes)

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further series with the classes, dimensions and steps of ``like``."""
        return self._labelled(read_series(folder / path, path), like)

    def file_blocks(self, path: str, folder: Path, like: Dataset) -> Iterator[Dataset]:
        """The samples of ``load_file``, as the lines are read."""
        for found in series_blocks(folder / path, path):
            yield self._labelled(found, like)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read series with a label, with a placeholder such as ?, or without one."""
        blocks = list(self.input_blocks(path, folder, like))
        inputs = np.concatenate([np.asarray(block.inputs) for block in blocks])
        return Unlabelled(inputs, RowNumbers(len(inputs)))

    def input_blocks(
        self, path: str, folder: Path, like: Dataset, id_column: str | None = None
    ) -> Iterator[Unlabelled]:
        """The samples of ``load_inputs``, as the lines are read."""
        if id_column is not None:
            self.column_of(path, folder, id_column)
        steps, dimensions = like.sample_shape
        known = Known(steps, dimensions, self.length is not None, like.classes)
        first = 0
        for found in series_blocks(folder / path, path, known):
            yield Unlabelled(self._inputs_like(found, like), RowNumbers(len(found.lines), first))
            first += len(found.lines)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def _labelled(self, found: SeriesFile, like: Dataset) -> Dataset:
        inputs = self._inputs_like(found, like)
        if like.classes is None:
            return Dataset(inputs, _numbers(found), like.task)
        return Dataset(inputs, _codes(found, like.classes), like.task, like.classes)

    def _inputs_like(self, found: SeriesFile, like: Dataset) -> Array:
        """Series with the steps and dimensions of ``like``."""
        (length, dimensions), own = like.sample_shape, found.lines[0].values.shape[1]
        if own != dimensions:
            raise found.error(
                found.lines[0], f"{own} dimensions, the training data has {dimensions}"
            )
        for line in found.lines:
            if self.length is None and len(line.values) > length:
                raise found.error(
                    line,
                    f"{len(line.values)} steps, the training data has at most {length}; set "
                    "data.source.length",
                )
        return self._inputs(found, length)

    def _inputs(self, found: SeriesFile, length: int) -> Array:
        dimensions = found.lines[0].values.shape[1]
        inputs = np.full((len(found.lines), length, dimensions), self.padding)
        for row, line in enumerate(found.lines):
            values = line.values
            if (gaps := np.isnan(values)).any():
                if self.missing == "fail" or gaps.all(axis=0).any():
                    raise found.error(
                        line,
                        "values are missing; fill them in or set data.source.missing: interpolate",
                    )
                values = np.stack([_bridged(column) for column in values.T], axis=1)
            inputs[row, : len(values)] = values[:length]
        return inputs


def _bridged(values: Array) -> Array:
    """Linear interpolation over missing values, and the nearest value at either end."""
    present, steps = ~np.isnan(values), np.arange(len(values))
    return np.interp(steps, steps[present], values[present])


def _need_no_fractions(found: SeriesFile) -> None:
    """Check that labels are classes and not values of series or regression targets.

    Raises:
        DataError: a label has a fraction.
    """
    for line in found.lines:
        value = parse_number(line.label)
        if value is not None and not value.is_integer():
            raise found.error(
                line,
                f"the label {line.label} has a fraction, so it cannot be a class; begin each line "
                "with a label, or set data.source.task to regression or classification",
            )


def _codes(found: SeriesFile, classes: tuple[str, ...]) -> Array:
    def error(row: int, what: str) -> DataError:
        return found.error(found.lines[row], what)

    return class_codes([line.label for line in found.lines], classes, error)


def _numbers(found: SeriesFile) -> Array:
    def number(line: Line) -> float:
        value = parse_number(line.label)
        if value is None or not np.isfinite(np.float32(value)):
            raise found.error(line, f"{line.label!r} is not a finite number; correct the label")
        return value

    return np.array([[number(line)] for line in found.lines])
