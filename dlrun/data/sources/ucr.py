"""Time series in files of the UCR and UEA archives."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, PositiveInt

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset, Task, Unlabelled
from dlrun.data.labels import class_codes, class_names
from dlrun.data.numerals import parse_number
from dlrun.data.series_file import Known, Line, SeriesFile, read_series
from dlrun.data.source import Source, source
from dlrun.errors import DataError


@source("ucr")
class Ucr(Source):
    """Time series with a label each, as the UCR and UEA archives of them come in.

    In a .tsv or .txt file a line is a series: its label, then its values, between tabs, commas or
    blanks.  A .ts file has a header, a colon between the dimensions of a series, and the label
    behind them.  Samples are (steps, dimensions).  1, 01 and 1.0 are one class.

    Series that are shorter than the longest are padded at their end; the layer ``masking`` makes
    networks leave the padding out.  The archives' own division is kept by ``split: {test: file}``.
    Dau et al., "The UCR time series archive", 2019.
    """

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""
    length: PositiveInt | None = None
    """Steps of all series; longer ones are cut at their end; null is the longest of the file."""
    padding: float = 0.0
    """What stands behind the end of shorter ones."""
    missing: Literal["fail", "interpolate"] = "fail"
    """What missing values within a series do: end everything, or be put on straight lines between
    their neighbours."""
    task: Literal["classification", "regression"] | None = None
    """Whether labels are classes or numbers; null is what a header says, else classes."""

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
        """Read further series, of the classes, dimensions and steps of ``like``."""
        found = read_series(folder / path, path)
        inputs = self._inputs_like(found, like)
        if like.classes is None:
            return Dataset(inputs, _numbers(found), like.task)
        return Dataset(inputs, _codes(found, like.classes), like.task, like.classes)

    def load_inputs(self, path: str, folder: Path, like: Dataset) -> Unlabelled:
        """Read series that may have a label, something such as ? instead of it, or none."""
        steps, dimensions = like.sample_shape
        known = Known(steps, dimensions, self.length is not None, like.classes)
        found = read_series(folder / path, path, known)
        names = [str(number) for number in range(len(found.lines))]
        return Unlabelled(self._inputs_like(found, like), names)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def _inputs_like(self, found: SeriesFile, like: Dataset) -> Array:
        """Series of the steps and dimensions of ``like``."""
        (length, dimensions), own = like.sample_shape, found.lines[0].values.shape[1]
        if own != dimensions:
            raise found.fault(
                found.lines[0], f"{own} dimensions, the training data has {dimensions}"
            )
        for line in found.lines:
            if self.length is None and len(line.values) > length:
                raise found.fault(
                    line,
                    f"{len(line.values)} steps, the training data has at most {length}; give "
                    "data.source a length",
                )
        return self._inputs(found, length)

    def _inputs(self, found: SeriesFile, length: int) -> Array:
        dimensions = found.lines[0].values.shape[1]
        inputs = np.full((len(found.lines), length, dimensions), self.padding)
        for row, line in enumerate(found.lines):
            values = line.values
            if (gaps := np.isnan(values)).any():
                if self.missing == "fail" or gaps.all(axis=0).any():
                    raise found.fault(
                        line, "values are missing; fill them in or set data.source.missing"
                    )
                values = np.stack([_bridged(column) for column in values.T], axis=1)
            inputs[row, : len(values)] = values[:length]
        return inputs


def _bridged(values: Array) -> Array:
    """Straight lines over gaps, and the nearest value at either end."""
    present, steps = ~np.isnan(values), np.arange(len(values))
    return np.interp(steps, steps[present], values[present])


def _need_no_fractions(found: SeriesFile) -> None:
    """Check that labels are no values of series, or numbers to predict, that were taken for them.

    Raises:
        DataError: one has a fraction.
    """
    for line in found.lines:
        value = parse_number(line.label)
        if value is not None and not value.is_integer():
            raise found.fault(
                line,
                f"the label {line.label} has a fraction, so it is no class; begin each line with a "
                "label, or set data.source.task to regression or classification",
            )


def _codes(found: SeriesFile, classes: tuple[str, ...]) -> Array:
    def fault(row: int, what: str) -> DataError:
        return found.fault(found.lines[row], what)

    return class_codes([line.label for line in found.lines], classes, fault)


def _numbers(found: SeriesFile) -> Array:
    def number(line: Line) -> float:
        value = parse_number(line.label)
        if value is None or not np.isfinite(np.float32(value)):
            raise found.fault(line, f"{line.label!r} is no finite number to predict")
        return value

    return np.array([[number(line)] for line in found.lines])
