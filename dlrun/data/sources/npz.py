"""NumPy's archives of arrays."""

from __future__ import annotations

import struct
import zipfile
import zlib
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.data.dataset import Column, Dataset, Task
from dlrun.data.source import Source, source
from dlrun.errors import DataError
from dlrun.spec.problems import did_you_mean

# What NumPy and zipfile raise on broken, encrypted and absurdly large members.
_BROKEN = (
    OSError,
    EOFError,
    ValueError,
    RuntimeError,
    MemoryError,
    SyntaxError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@source("npz")
class Npz(Source):
    """Two arrays of an .npz file, inputs and targets, one row of each a sample.

    Inputs may be bool, integers or floats and become float32 with the values they have, but for
    uint8 of three or more axes: these are images, scaled from 0..255 to 0..1, and (n, height,
    width) gets a channel axis.  (n,) becomes one column; (n, columns) is a table whose columns
    are called x0, x1, ...

    Targets of integers, bool or text are classes, named by their values and sorted: (n,), or
    (n, ...) where each place of a sample has a class, as each time step; floats, (n,) or (n, ...),
    are a regression.  Targets of 0 and 1, (n, labels), are labels where ``task`` says multi_label.
    """

    path: str = Field(min_length=1)
    """The file; a relative path starts at the spec's folder."""
    inputs: str = "x"
    """Name of the array of inputs."""
    targets: str = "y"
    """Name of the array of targets."""
    task: Task | None = None
    """Classification, multi_label or regression, where the type of the targets says otherwise."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the arrays."""
        inputs, targets = self._read(self.path, folder)
        task = self.task or ("regression" if targets.dtype.kind == "f" else "classification")
        if task == "regression":
            return self._regression(self.path, inputs, targets)
        if task == "multi_label":
            return self._multi_label(self.path, inputs, targets)
        values, codes = np.unique(self._labels(self.path, targets), return_inverse=True)
        return Dataset(
            inputs=inputs,
            targets=codes.astype(np.int64),
            task="classification",
            classes=tuple(str(value) for value in values),
            columns=_columns(inputs),
        )

    def load_file(self, path: str, folder: Path, like: Dataset) -> Dataset:
        """Read further arrays, with the sample shape and the classes of ``like``."""
        inputs, targets = self._read(path, folder)
        if inputs.shape[1:] != like.sample_shape:
            raise DataError(
                f"{path}: samples of shape {inputs.shape[1:]}, in the training data they have "
                f"{like.sample_shape}"
            )
        if like.classes is None:
            data = self._regression(path, inputs, targets)
            return self._of_one_shape(path, data, like)
        if like.task == "multi_label":
            return self._of_one_shape(path, self._multi_label(path, inputs, targets), like)
        values, places = np.unique(self._labels(path, targets), return_inverse=True)
        code = {name: number for number, name in enumerate(like.classes)}
        codes = np.array([code.get(str(value), -1) for value in values], dtype=np.int64)[places]
        if unknown := np.argwhere(codes < 0).tolist():
            raise DataError(
                f"{path}: row {unknown[0][0]} of '{self.targets}': "
                f"'{values[places[tuple(unknown[0])]]}' is no class of the training data"
            )
        data = Dataset(inputs, codes, "classification", like.classes, _columns(inputs))
        return self._of_one_shape(path, data, like)

    def files(self, folder: Path) -> tuple[Path, ...]:
        """The one file."""
        return (folder / self.path,)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def _read(self, path: str, folder: Path) -> tuple[Array, Array]:
        """Inputs, ready for a Dataset, and targets, as they are."""
        try:
            file = (folder / path).open("rb")
        except OSError as error:
            raise DataError(f"{path}: {error.strerror} ({folder / path})") from error
        with file:  # NumPy leaves a file of its own open where the archive is broken
            raw, targets = self._members(file, path)
        if raw.ndim == 0 or targets.ndim == 0 or len(raw) != len(targets):
            raise DataError(
                f"{path}: '{self.inputs}' of shape {raw.shape} and '{self.targets}' of shape "
                f"{targets.shape} must have one row a sample, the same number of them"
            )
        if raw.size == 0:
            raise DataError(f"{path}: '{self.inputs}' of shape {raw.shape} is empty")
        return self._inputs(path, raw), targets

    def _members(self, file: BinaryIO, path: str) -> tuple[Array, Array]:
        try:
            # Python objects stay shut: unpickling runs code that the file brings along.
            archive = np.load(file, allow_pickle=False)
        except _BROKEN as error:
            raise DataError(f"{path}: not an .npz file ({error})") from error
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise DataError(f"{path}: a single array; save both with numpy.savez(path, x=, y=)")
        for key in (self.inputs, self.targets):
            if key not in archive.files:
                raise DataError(f"{path}: no array '{key}'; {did_you_mean(key, archive.files)}")
        try:
            return archive[self.inputs], archive[self.targets]
        except _BROKEN as error:
            raise DataError(
                f"{path}: '{self.inputs}' or '{self.targets}' cannot be read ({error})"
            ) from error

    def _inputs(self, path: str, raw: Array) -> Array:
        inputs = self._floats(path, self.inputs, raw)
        if raw.dtype == np.uint8 and raw.ndim >= 3:
            inputs /= np.float32(255.0)
            return inputs[..., None] if raw.ndim == 3 else inputs
        return inputs[:, None] if raw.ndim == 1 else inputs

    def _floats(self, path: str, key: str, raw: Array) -> Array:
        """A copy as float32, all finite."""
        if raw.dtype.kind not in "biuf":
            raise DataError(f"{path}: '{key}' holds {raw.dtype}; it must hold numbers")
        with np.errstate(over="ignore"):  # what is too large turns up as infinite below
            floats = np.array(raw, dtype=np.float32, order="C")
        bad = floats.size - int(np.count_nonzero(np.isfinite(floats)))
        if bad:
            raise DataError(
                f"{path}: {bad} of {floats.size} values of '{key}' are NaN or infinite as 32-bit "
                "numbers; replace them or leave their rows out"
            )
        return floats

    def _labels(self, path: str, targets: Array) -> Array:
        """Targets of a classification, (n, ...), of integers, bool or text."""
        if targets.ndim == 2 and targets.shape[1] == 1:
            targets = targets[:, 0]
        if targets.size == 0:
            raise DataError(f"{path}: '{self.targets}' of shape {targets.shape} is empty")
        if targets.dtype.kind == "f":
            floats = self._floats(path, self.targets, targets)
            if (floats != np.rint(floats)).any():
                raise DataError(
                    f"{path}: '{self.targets}' holds fractions, so they are no classes; set "
                    "data.source.task to regression"
                )
            return targets.astype(np.int64)
        if targets.dtype.kind not in "biuU":
            raise DataError(
                f"{path}: '{self.targets}' holds {targets.dtype}; classes are integers or text"
            )
        return targets

    def _regression(self, path: str, inputs: Array, targets: Array) -> Dataset:
        if targets.size == 0:
            raise DataError(f"{path}: '{self.targets}' of shape {targets.shape} is empty")
        floats = self._floats(path, self.targets, targets)
        return Dataset(
            inputs=inputs,
            targets=floats[:, None] if floats.ndim == 1 else floats,
            task="regression",
            columns=_columns(inputs),
        )

    def _multi_label(self, path: str, inputs: Array, targets: Array) -> Dataset:
        if targets.ndim != 2 or targets.size == 0:
            raise DataError(
                f"{path}: '{self.targets}' of shape {targets.shape} must be (samples, labels)"
            )
        floats = self._floats(path, self.targets, targets)
        if not np.isin(floats, (0, 1)).all():
            raise DataError(f"{path}: '{self.targets}' must hold 0 and 1 alone to be labels")
        return Dataset(
            inputs=inputs,
            targets=floats,
            task="multi_label",
            classes=tuple(f"y{number}" for number in range(targets.shape[1])),
            columns=_columns(inputs),
        )

    def _of_one_shape(self, path: str, data: Dataset, like: Dataset) -> Dataset:
        """The data, if its targets have the shape of the training data's."""
        if data.targets.shape[1:] != like.targets.shape[1:]:
            raise DataError(
                f"{path}: targets of shape {data.targets.shape[1:]}, in the training data they "
                f"have {like.targets.shape[1:]}"
            )
        return data


def _columns(inputs: Array) -> tuple[Column, ...] | None:
    """Names for the columns of a table; None where the inputs are none."""
    if inputs.ndim != 2:
        return None
    return tuple(Column(f"x{number}") for number in range(inputs.shape[1]))
