"""Samples as rows, wherever they are: in memory, or in a file that is read when they are needed.

An array in memory is one form of them.  The other is ``Lazy``: its rows are read, converted and
preprocessed batch by batch, so that the data never has to fit in memory.  Both are indexed alike,
by slices and by rows, and give the same bits.

A network reads float32.  Up to the end of preprocessing numbers are float64 where their type in
the source has more digits than float32: a scaling step then keeps what tells them apart.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator

import numpy as np

from dlrun.arrays import Array, Shape

_CHUNK = 1 << 18
"""Values that a pass over all samples holds at a time: 1 MiB of float32."""

_DENSE = 8
"""Chosen rows are read with all that lies between them if that is up to so many times as much."""


_LARGEST = np.finfo(np.float32).max
_FLOAT32: np.dtype[np.generic] = np.dtype(np.float32)


def working_type(dtype: np.dtype[np.generic]) -> np.dtype[np.generic]:
    """The type of numbers up to the end of preprocessing: float64 where float32 loses digits."""
    return _FLOAT32 if np.can_cast(dtype, _FLOAT32) else np.dtype(np.float64)


class Lazy(ABC):
    """Samples that are read where they are asked for.

    Args:
        shape: (n, *sample shape).
        finite: reading refuses values that are not finite as float32.
        dtype: float32 or float64, what reading gives.
    """

    bounds: tuple[float, float] | None = None
    """What all values lie between, where that is known without reading them."""

    def __init__(self, shape: Shape, finite: bool, dtype: np.dtype[np.generic] = _FLOAT32) -> None:
        self.shape, self.finite, self.dtype = shape, finite, dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice | Array) -> Array:
        """The samples at a slice without steps or at (b,) rows: (b, *sample shape)."""
        if isinstance(rows, slice):
            start, stop, _ = rows.indices(len(self))
            out = self._room(max(0, stop - start))
            self.read(start, out)
        else:
            out = self._room(len(rows))
            self.gather(rows, out)
        return out

    def __array__(self, dtype: object = None, copy: bool | None = None) -> Array:
        """All of them, for whoever asks NumPy for an array."""
        return self[:]

    @abstractmethod
    def read(self, start: int, out: Array) -> None:
        """Fill ``out``, (b, *sample shape), with the samples from ``start`` on.

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
        """A sample, (1, *sample shape), to see the shape that a step makes of it; none is read."""
        return np.zeros((1, *self.shape[1:]), self.dtype)

    def _room(self, count: int) -> Array:
        return np.empty((count, *self.shape[1:]), self.dtype)


Samples = Array | Lazy
"""Rows of samples: (n, *sample shape)."""


class Chosen(Lazy):
    """Some rows of others, which are not copied.

    Args:
        of: the others.
        rows: (n,) int64, ascending.
    """

    def __init__(self, of: Lazy, rows: Array) -> None:
        super().__init__((len(rows), *of.shape[1:]), of.finite, of.dtype)
        self._of, self._rows = of, rows
        self.bounds = of.bounds

    def read(self, start: int, out: Array) -> None:
        """Read a stretch of the others where most of it is chosen, else row by row."""
        rows = self._rows[start : start + len(out)]
        if not len(rows):
            return
        first, stop = int(rows[0]), int(rows[-1]) + 1
        if stop - first <= _DENSE * len(rows):
            np.take(self._of[first:stop], rows - first, axis=0, out=out, mode="clip")
        else:
            self._of.gather(rows, out)

    def gather(self, rows: Array, out: Array) -> None:
        """Read the rows of the others that are meant."""
        self._of.gather(self._rows[rows], out)


class Held(Lazy):
    """An array in memory, so that steps are applied to some of it at a time.

    Args:
        array: (n, *sample shape).
    """

    def __init__(self, array: Array) -> None:
        super().__init__(array.shape, finite=False, dtype=array.dtype)
        self._array = array

    def read(self, start: int, out: Array) -> None:
        """Copy a stretch."""
        out[...] = self._array[start : start + len(out)]

    def one(self) -> Array:
        """The first, as zeros may be no codes of categories."""
        return self[:1]

    def gather(self, rows: Array, out: Array) -> None:
        """Copy rows."""
        np.take(self._array, rows, axis=0, out=out, mode="clip")


class Transformed(Lazy):
    """Others after a step of preprocessing, which is applied to what is read.

    Args:
        of: the others, at least one.
        step: (b, *sample shape) to (b, *new sample shape), each sample by itself.
    """

    def __init__(self, of: Lazy, step: Callable[[Array], Array]) -> None:
        first = step(of.one())
        super().__init__((len(of), *first.shape[1:]), finite=False, dtype=first.dtype)
        self._of, self._step, self._first = of, step, first

    def one(self) -> Array:
        """What the steps make of a sample."""
        return self._first

    def read(self, start: int, out: Array) -> None:
        """Read and transform."""
        out[...] = self._step(self._of[start : start + len(out)])

    def gather(self, rows: Array, out: Array) -> None:
        """Read and transform."""
        out[...] = self._step(self._of[rows])


def gather(samples: Samples, rows: Array, out: Array) -> None:
    """Write the samples at ``rows`` into an array of their number and type.

    Args:
        samples: in memory or lazy.
        rows: (b,) int64, valid rows.
        out: (b, *sample shape), contiguous.
    """
    if isinstance(samples, Lazy):
        samples.gather(rows, out)
    else:
        # mode="raise" would go through a buffer of its own.
        np.take(samples, rows, axis=0, out=out, mode="clip")


def take(samples: Samples, rows: Array) -> Samples:
    """The samples at ascending ``rows``: a copy in memory, or a view of what is lazy."""
    return Chosen(samples, rows) if isinstance(samples, Lazy) else samples[rows]


def transform(samples: Samples, step: Callable[[Array], Array]) -> Samples:
    """The samples behind a step: at once in memory, or whenever lazy ones are read."""
    if isinstance(samples, Lazy):
        return Transformed(samples, step)
    return np.ascontiguousarray(step(samples))


class _Narrowed(Transformed):
    """Others as float32."""

    def __init__(self, of: Lazy) -> None:
        super().__init__(of, _as_float32)
        self.finite = of.finite


def finite_as_float32(values: Array) -> Array:
    """Where numbers are neither NaN nor, as float32, infinite."""
    return np.abs(values) <= _LARGEST  # which NaN is not


def _as_float32(values: Array) -> Array:
    with np.errstate(over="ignore"):  # what is too large becomes infinite
        return values.astype(np.float32, copy=False)


def narrowed(samples: Samples) -> Samples:
    """Numbers of float64 as float32, lazy ones whenever they are read; all else as it is."""
    if samples.dtype != np.float64:
        return samples
    return _Narrowed(samples) if isinstance(samples, Lazy) else _as_float32(samples)


def collected(samples: Lazy) -> Array:
    """All samples in memory, as float32."""
    found = np.empty(samples.shape, np.float32)
    row = 0
    for chunk in chunks(samples):
        found[row : row + len(chunk)] = _as_float32(chunk)
        row += len(chunk)
    return found


_HALF_A_LEVEL = 0.5 / 255
"""How far beyond 0 and 1 images may be that count as within, as resizing may leave them."""


def value_range(samples: Samples) -> tuple[float, float]:
    """What values of images lie between: 0 and 1, or the smallest and the largest that there is.

    Args:
        samples: at least one; numbers without NaN.
    """
    if isinstance(samples, Lazy) and samples.bounds is not None:
        return samples.bounds
    ends = [(float(chunk.min()), float(chunk.max())) for chunk in chunks(samples)]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if low >= -_HALF_A_LEVEL and high <= 1.0 + _HALF_A_LEVEL:
        return 0.0, 1.0
    return low, high if high > low else low + 1.0


def chunks(samples: Samples) -> Iterator[Array]:
    """All samples in order, some at a time.

    How many depends on the shape of a sample alone, so sums over chunks have the same bits in
    memory and not.
    """
    rows = max(1, _CHUNK // max(1, int(np.prod(samples.shape[1:]))))
    for start in range(0, len(samples), rows):
        yield samples[start : start + rows]
