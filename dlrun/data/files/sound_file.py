"""Sound files: from a file to a waveform of a given sampling rate and length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.files.form import FileError
from dlrun.data.files.waveform import read_waveform
from dlrun.errors import DataError

SUFFIXES = frozenset(
    (".aif", ".aifc", ".aiff", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wave")
)
"""Endings of files that are read as recordings."""

Align = Literal["start", "center"]


@dataclass(frozen=True, slots=True)
class SoundForm:
    """What recordings are decoded to: (length, 1) float32, the mean of all channels.

    Attributes:
        rate: sampling rate in Hz.
        length: samples; None keeps the length of the files.
        align: which part of longer recordings is kept, and where shorter ones are in the silence.
    """

    rate: int
    length: int | None
    align: Align

    @property
    def name(self) -> str:
        """Recordings."""
        return "recordings"

    @property
    def decoders(self) -> tuple[str, ...]:
        """soundfile, which contains libsndfile."""
        return ("soundfile",)

    @property
    def key(self) -> str:
        """The length."""
        return "length"

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Full scale is -1 to 1."""
        return np.dtype(np.float32)

    @property
    def shape(self) -> Shape | None:
        """The length, and one channel."""
        return None if self.length is None else (self.length, 1)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Check that the library is installed before any thread needs it.

        Raises:
            DataError: it is not installed.
        """
        try:
            import soundfile  # noqa: F401
        except (ImportError, OSError) as error:  # OSError: its C library is missing
            raise DataError(
                f"reading sound needs soundfile ({error}); install it: pip install 'dlrun[audio]'"
            ) from error
        yield

    def read(self, path: Path) -> Array:
        """Read a file.

        Raises:
            FileError: it is missing, broken, truncated, empty or far too long.
        """
        values, rate = read_waveform(path)
        if not np.isfinite(values).all():
            raise FileError("values that are NaN or infinite")
        if rate != self.rate:
            values = resampled(values, rate, self.rate)
            if np.abs(values).max() > np.finfo(np.float32).max:
                raise FileError("values that are too large for 32-bit floats")
        if self.length is not None:
            values = _fitted(values, self.length, self.align)
        return np.ascontiguousarray(values[:, None], np.float32)

    def differs(self, shape: Shape, others: Shape) -> str:
        """Both lengths."""
        own, theirs = (f"{size[0] / self.rate:g} s" for size in (shape, others))
        return f"{own} long, others are {theirs}; set data.source.length"


def resampled(values: Array, rate: int, new: int) -> Array:
    """A waveform, (length,), at another rate, by a polyphase filter with a Kaiser window.

    Args:
        values: any floats.
        rate: its sampling rate in Hz.
        new: the new sampling rate in Hz.
    """
    from scipy.signal import resample_poly  # slow to import (1 s) and seldom needed

    common = math.gcd(rate, new)
    result: Array = resample_poly(values.astype(np.float64), new // common, rate // common)
    return result


def _fitted(values: Array, length: int, align: Align) -> Array:
    """Cut a waveform, or pad it with silence, to a length."""
    excess = len(values) - length
    before = abs(excess) // 2 if align == "center" else 0
    if excess >= 0:
        return values[before : before + length]
    return np.pad(values, (before, -excess - before))
