"""Sound files as waveforms, at the sampling rate of the file."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.files.form import FileError
from dlrun.data.files.input_file import open_file
from dlrun.data.files.sound_pieces import Piece, pieces
from dlrun.printable import shortened

_RATES = range(100, 1_000_001)
"""Valid sampling rates in Hz; a header with another one is broken."""


_BLOCK = 1 << 20
"""Values that are read at a time; the number in the header is not trusted."""


_MOST = 1 << 27
"""The maximum number of values in a file: three quarters of an hour at 48 kHz."""


_UNKNOWN = 1 << 48
"""A number of frames this large means that the library does not know the number."""


def read_waveform(path: Path) -> tuple[Array, int]:
    """The mean of all channels, (length,) float32, and the sampling rate in Hz.

    Raises:
        FileError: the file is missing, broken, truncated, empty or far too long.
    """
    import soundfile

    blocks: list[Array] = []
    rates: set[int] = set()
    try:
        with open_file(path) as file:
            parts = pieces(file, path)
        for piece in parts:
            rates.add(_read_piece(piece, blocks))
    except OSError as error:
        raise FileError(error.strerror or str(error)) from error
    except soundfile.LibsndfileError as error:
        raise FileError(
            f"not a sound file that can be read: {_reason(error.error_string)}"
        ) from error
    except (soundfile.SoundFileError, ValueError, TypeError, MemoryError) as error:
        raise FileError(f"not a sound file that can be read: {_reason(str(error))}") from error
    if not blocks:
        raise FileError("it contains no sound")
    if len(rates) > 1:
        raise FileError(
            f"parts with different sampling rates: {' and '.join(map(str, sorted(rates)))} Hz"
        )
    return np.concatenate(blocks), rates.pop()


def _read_piece(piece: Piece, blocks: list[Array]) -> int:
    """Append the mean of all channels to ``blocks``; return the sampling rate in Hz."""
    import soundfile

    class Stream(soundfile.SoundFile):  # type: ignore[misc]  # it is untyped
        """A file that is only read forwards: seeking fails in a file of unknown length."""

        def seekable(self) -> bool:
            """It must not be."""
            return False

    given = BytesIO(piece.source) if isinstance(piece.source, bytes) else piece.source
    with Stream(given) as sound:
        if sound.samplerate not in _RATES:
            raise FileError(f"its header declares a sampling rate of {sound.samplerate} Hz")
        declared = sound.frames if piece.least is None else piece.least
        size = max(1, _BLOCK // sound.channels)
        frames, most = 0, _UNKNOWN if piece.most is None else piece.most
        while len(block := sound.read(min(size, most - frames), dtype="float32", always_2d=True)):
            with np.errstate(all="ignore"):  # values that are not finite are an error later
                blocks.append(block.mean(axis=1))
            frames += len(block)
            if sum(map(len, blocks)) * sound.channels > _MOST:
                raise FileError("far too long; cut it into pieces")
        if frames < declared < _UNKNOWN:
            raise FileError(f"cut short: it declares {declared} frames and has {frames}")
        return int(sound.samplerate)


def _reason(text: str) -> str:
    return shortened(" ".join(text.split()).rstrip("."), 300) or "it is broken"
