"""Sound files: from a file to a waveform of a given rate and length."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.data.file_cache import FileError
from dlrun.data.input_file import open_file
from dlrun.data.sound_pieces import Piece, pieces
from dlrun.errors import DataError

SUFFIXES = frozenset(
    (".aif", ".aifc", ".aiff", ".flac", ".mp3", ".oga", ".ogg", ".opus", ".wav", ".wave")
)
"""Ends of the names of files that are taken for recordings."""

Align = Literal["start", "center"]

_RATES = range(100, 1_000_001)
"""Samples a second that a file may have; a header that declares others is broken."""
_BLOCK = 1 << 20
"""Values that are read at a time; a header is not believed how many there are."""
_MOST = 1 << 27
"""Values of a file that are too many: three quarters of an hour at 48 kHz."""
_UNKNOWN = 1 << 48
"""Frames from which on the library means that it does not know how many there are."""


@dataclass(frozen=True, slots=True)
class SoundForm:
    """What recordings are brought to: (length, 1) float32, one channel, the mean of all.

    Attributes:
        rate: samples a second.
        length: samples; None leaves as many as there are.
        align: what longer ones keep, and where shorter ones lie in silence.
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
        """soundfile, which brings libsndfile along."""
        return ("soundfile",)

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
        """Check that the library is there before any thread needs it.

        Raises:
            DataError: it is not.
        """
        try:
            import soundfile  # noqa: F401
        except (ImportError, OSError) as error:  # OSError: the C library behind it is missing
            raise DataError(
                f"reading sound needs soundfile ({error}); install it: pip install 'dlrun[audio]'"
            ) from error
        yield

    def read(self, path: Path) -> Array:
        """Read a file.

        Raises:
            FileError: it is missing, broken, cut short, empty or far too long.
        """
        values, rate = _decoded(path)
        if not np.isfinite(values).all():
            raise FileError("values that are NaN or infinite")
        if rate != self.rate:
            values = resampled(values, rate, self.rate)
        if self.length is not None:
            values = _fitted(values, self.length, self.align)
        return np.ascontiguousarray(values[:, None], np.float32)

    def differs(self, shape: Shape, others: Shape) -> str:
        """Both lengths."""
        own, theirs = (f"{each[0] / self.rate:g} s" for each in (shape, others))
        return f"{own} long, others are {theirs}; give data.source a length"


def resampled(values: Array, rate: int, new: int) -> Array:
    """A waveform, (length,), at another rate, by a polyphase filter with a Kaiser window.

    Args:
        values: any floats.
        rate: samples a second that it has.
        new: samples a second that it gets.
    """
    from scipy.signal import resample_poly  # takes a second to import, and is seldom needed

    common = math.gcd(rate, new)
    found: Array = resample_poly(values.astype(np.float64), new // common, rate // common)
    return found


def _decoded(path: Path) -> tuple[Array, int]:
    """The mean of all channels, (length,) float32, and samples a second."""
    import soundfile

    blocks: list[Array] = []
    rates: set[int] = set()
    try:
        with open_file(path) as file:
            found = pieces(file, path)
        for piece in found:
            rates.add(_read_piece(piece, blocks))
    except OSError as error:
        raise FileError(error.strerror or str(error)) from error
    except soundfile.LibsndfileError as error:
        raise FileError(f"no sound that can be read: {_said(error.error_string)}") from error
    except (soundfile.SoundFileError, ValueError, TypeError, MemoryError) as error:
        raise FileError(f"no sound that can be read: {_said(str(error))}") from error
    if not blocks:
        raise FileError("there is no sound in it")
    if len(rates) > 1:
        raise FileError(f"parts of {' and '.join(map(str, sorted(rates)))} samples a second")
    return np.concatenate(blocks), rates.pop()


def _read_piece(piece: Piece, blocks: list[Array]) -> int:
    """Append the mean of all channels to ``blocks``; returns samples a second."""
    import soundfile

    class Stream(soundfile.SoundFile):  # type: ignore[misc]  # it has no types
        """A file that is read from its beginning: seeking in one of unknown length fails."""

        def seekable(self) -> bool:
            """It need not be."""
            return False

    given = BytesIO(piece.source) if isinstance(piece.source, bytes) else piece.source
    with Stream(given) as sound:
        if sound.samplerate not in _RATES:
            raise FileError(f"its header declares {sound.samplerate} samples a second")
        declared = sound.frames if piece.least is None else piece.least
        size = max(1, _BLOCK // sound.channels)
        frames, most = 0, _UNKNOWN if piece.most is None else piece.most
        while len(block := sound.read(min(size, most - frames), dtype="float32", always_2d=True)):
            blocks.append(block.mean(axis=1))
            frames += len(block)
            if sum(map(len, blocks)) * sound.channels > _MOST:
                raise FileError("far too long; cut it into pieces")
        if frames < declared < _UNKNOWN:
            raise FileError(f"cut short: it declares {declared} frames, {frames} are there")
        return int(sound.samplerate)


def _fitted(values: Array, length: int, align: Align) -> Array:
    """Cut off what is too much, and put silence where there is too little."""
    excess = len(values) - length
    before = abs(excess) // 2 if align == "center" else 0
    if excess >= 0:
        return values[before : before + length]
    return np.pad(values, (before, -excess - before))


def _said(text: str) -> str:
    return " ".join(text.split()).rstrip(".") or "it is broken"
