"""Rows of samples, either in memory or in a file that is read when they are needed.

Samples in memory are an array.  Others are ``Lazy``: their rows are read, converted and
preprocessed batch by batch, so that the data does not have to fit in memory.  Both are indexed in
the same way, by slices and by rows, and are bit-identical.

A network reads float32.  Until the end of preprocessing, values are float64 if their dtype in
the source has more digits than float32, so that scaling preserves small differences.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np

from dlrun.arrays import Array, Shape

_CHUNK = 1 << 18
"""Values that a pass over all samples holds at a time: 1 MiB of float32."""

_DENSE = 8
"""Selected rows are read with those between them if that reads at most this many times as much."""


_LARGEST = np.finfo(np.float32).max
_FLOAT32: np.dtype[np.generic] = np.dtype(np.float32)


def working_type(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """The dtype of values until the end of preprocessing: float64 if float32 would lose digits."""
    return _FLOAT32 if np.can_cast(dtype, _FLOAT32) else np.dtype(np.float64)


class Lazy(ABC):
    """Samples that are read on request.

    Args:
        shape: (n, *sample shape).
        finite: whether reading raises an error for values that are not finite as float32.
        dtype: float32 or float64, the dtype of samples after reading.
    """

    bounds: tuple[float, float] | None = None
    """Minimum and maximum of all values, if they are known without reading the samples."""

    def __init__(self, shape: Shape, finite: bool, dtype: np.dtype[np.generic] = _FLOAT32) -> None:
        self.shape, self.finite, self.dtype = shape, finite, dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | Array) -> Array:
        """The samples of a slice without a step, or at (b,) rows: (b, *sample shape)."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            out = self._room(max(0, stop - start))
            self.read(start, out)
        else:
            out = self._room(len(rows))
            self.gather(rows, out)
        return out

    def __array__(self, dtype: object = None, copy: bool | None = None) -> Array:
        """All samples, for conversion to an array by NumPy."""
        return self[:]

    @abstractmethod
    def read(self, start: int, out: Array) -> None:
        """Fill ``out``, (b, *sample shape), with consecutive samples from ``start``.

        Raises:
            DataError: their file is broken or has changed.
        """

    @abstractmethod
    def gather(self, rows: Array, out: Array) -> None:
        """Fill ``out``, (b, *sample shape), with the samples at (b,) int64 rows.

        Raises:
            DataError: their file is broken or has changed.
        """

    def one(self) -> Array:
        """A placeholder sample, (1, *sample shape), to find the output shape of a step."""
        return np.zeros((1, *self.shape[1:]), self.dtype)

    def _room(self, count: int) -> Array:
        return np.empty((count, *self.shape[1:]), self.dtype)


Samples = Array | Lazy
"""Rows of samples: (n, *sample shape)."""


class Chosen(Lazy):
    """Selected rows of other samples, without a copy.

    Args:
        of: the other samples.
        rows: (n,) int64, ascending.
    """

    def __init__(self, of: Lazy, rows: Array) -> None:
        super().__init__((len(rows), *of.shape[1:]), of.finite, of.dtype)
        self._of, self._rows = of, rows
        self.bounds = of.bounds

    def read(self, start: int, out: Array) -> None:
        """Read a whole range if enough of its rows are selected, else row by row."""
        rows = self._rows[start : start + len(out)]
        if not len(rows):
            return
        first, stop = int(rows[0]), int(rows[-1]) + 1
        if stop - first <= _DENSE * len(rows):
            np.take(self._of[first:stop], rows - first, axis=0, out=out, mode="clip")
        else:
            self._of.gather(rows, out)

    def gather(self, rows: Array, out: Array) -> None:
        """Read the corresponding rows of the other samples."""
        self._of.gather(self._rows[rows], out)


class Held(Lazy):
    """An array in memory that preprocessing steps are applied to in chunks.

    Args:
        array: (n, *sample shape).
    """

    def __init__(self, array: Array) -> None:
        super().__init__(array.shape, finite=False, dtype=array.dtype)
        self._array = array

    def read(self, start: int, out: Array) -> None:
        """Copy consecutive rows."""
        out[...] = self._array[start : start + len(out)]

    def one(self) -> Array:
        """The first sample, because zeros may not be valid values such as category codes."""
        return self[:1]

    def gather(self, rows: Array, out: Array) -> None:
        """Copy rows."""
        np.take(self._array, rows, axis=0, out=out, mode="clip")


class Transformed(Lazy):
    """Other samples after a preprocessing step, which is applied when they are read.

    Args:
        of: the other samples, at least one.
        step: (b, *sample shape) to (b, *new sample shape), for each sample independently.
    """

    def __init__(self, of: Lazy, step: Callable[[Array], Array]) -> None:
        first = step(of.one())
        super().__init__((len(of), *first.shape[1:]), finite=False, dtype=first.dtype)
        self._of, self._step, self._first = of, step, first

    def one(self) -> Array:
        """A transformed sample."""
        return self._first

    def read(self, start: int, out: Array) -> None:
        """Read and transform."""
        out[...] = self._step(self._of[start : start + len(out)])

    def gather(self, rows: Array, out: Array) -> None:
        """Read and transform."""
        out[...] = self._step(self._of[rows])


def gather(samples: Samples, rows: Array, out: Array) -> None:
    """Write the samples at ``rows`` into an array.

    Args:
        samples: in memory or lazy.
        rows: (b,) int64, valid rows.
        out: (b, *sample shape), contiguous.
    """
    if isinstance(samples, Lazy):
        samples.gather(rows, out)
    else:
        # mode="raise" would use a separate buffer.
        np.take(samples, rows, axis=0, out=out, mode="clip")


def take(samples: Samples, rows: Array) -> Samples:
    """The samples at ascending ``rows``: a copy in memory, or a view of lazy samples."""
    return Chosen(samples, rows) if isinstance(samples, Lazy) else samples[rows]


def transform(samples: Samples, step: Callable[[Array], Array]) -> Samples:
    """The samples after a step, which is applied to lazy samples whenever they are read."""
    if isinstance(samples, Lazy):
        return Transformed(samples, step)
    return np.ascontiguousarray(step(samples))


class _Narrowed(Transformed):
    """Other samples as float32."""

    def __init__(self, of: Lazy) -> None:
        super().__init__(of, _as_float32)
        self.finite = of.finite


def finite_as_float32(values: Array) -> Array:
    """Whether each value is neither NaN nor infinite as float32; the shape of ``values``, bool."""
    return np.abs(values) <= _LARGEST  # which NaN is not


def _as_float32(values: Array) -> Array:
    with np.errstate(over="ignore"):  # values that are too large become infinite
        return values.astype(np.float32, copy=False)


def narrowed(samples: Samples) -> Samples:
    """Float64 samples as float32, lazy ones whenever they are read; others unchanged."""
    if samples.dtype != np.float64:
        return samples
    return _Narrowed(samples) if isinstance(samples, Lazy) else _as_float32(samples)


def collected(samples: Lazy) -> Array:
    """All samples in memory, as float32."""
    result = np.empty(samples.shape, np.float32)
    row = 0
    for chunk in chunks(samples):
        result[row : row + len(chunk)] = _as_float32(chunk)
        row += len(chunk)
    return result


_HALF_A_LEVEL = 0.5 / 255
"""Tolerance around 0 and 1 for values of images, which resizing may exceed slightly."""


def value_range(samples: Samples) -> tuple[float, float]:
    """The range of values of images: 0 to 1, or else their minimum and maximum.

    Args:
        samples: at least one; without NaN.
    """
    if isinstance(samples, Lazy) and samples.bounds is not None:
        return samples.bounds
    ends = [(float(chunk.min()), float(chunk.max())) for chunk in chunks(samples)]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low >= -_HALF_A_LEVEL and high <= 1.0 + _HALF_A_LEVEL:
        return 0.0, 1.0
    return low, high if high > low else low + 1.0


def chunks(samples: Samples) -> Iterator[Array]:
    """All samples in order, in chunks.

    The size of a chunk depends only on the shape of a sample, so sums over chunks are bit-identical
    for samples in memory and lazy ones.
    """
    rows = max(1, _CHUNK // max(1, int(np.prod(samples.shape[1:]))))
    for start in range(0, len(samples), rows):
        yield samples[start : start + rows]
