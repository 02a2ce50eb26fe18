"""What a decoder is given of a sound file, so that it reads to the end whatever the header says.

Programs that write to a pipe do not know how long a sound will be: they leave a size of 0 or the
largest one in the header.  Files are also cut off, and put one after another.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dlrun.data.file_cache import FileError
from dlrun.data.mpeg_audio import counted

_UNKNOWN = 0x7F000000
"""Bytes of sound from which on a header means that it does not know; none so long is read."""
_LARGEST = 1 << 29
"""Bytes of a packed file that is not far too long."""
_CHUNKED = {
    b"RIFF": ("<", b"data"),
    b"RF64": ("<", b"data"),
    b"BW64": ("<", b"data"),
    b"RIFX": (">", b"data"),
    b"FORM": (">", b"SSND"),
}
"""How WAV and AIFF begin, the order of their bytes, and the name of the chunk of sound."""
_NAME = re.compile(rb"[\x20-\x7e]{4}")
"""Names of chunks."""
_DELAY = 529
"""Samples that the decoder of MP3 drops at the beginning of what has a number of frames."""
_STREAM_INFO = 26
"""Bytes of a FLAC file up to the end of the number of samples, which is in the last 36 bits."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound file, or what stands for it, of which a decoder reads all or the beginning.

    Attributes:
        source: the file, or the content of one.
        most: samples of each channel to read; None for all.
        least: samples that must be there; None for as many as its header declares.
    """

    source: Path | bytes
    most: int | None = None
    least: int | None = None


def pieces(file: BinaryIO, path: Path) -> tuple[Piece, ...]:
    """What to decode one after another.

    Args:
        file: at its first byte.
        path: its path.

    Raises:
        FileError: the file is cut short, or far too long.
        OSError: it cannot be read.
    """
    start = file.read(4)
    if start in _CHUNKED:
        return (_chunked(file, path, *_CHUNKED[start]),)
    if start == b"fLaC":
        return (_flac(start + _rest(file)),)
    if start == b"OggS":
        return _ogg(start + _rest(file), path)
    if start[:3] == b"ID3" or start[:1] == b"\xff" or path.suffix.lower() == ".mp3":
        return _mp3(start + _rest(file), path)
    return (Piece(path),)


def _rest(file: BinaryIO) -> bytes:
    found = file.read(_LARGEST)
    if len(found) == _LARGEST:
        raise FileError("far too long; cut it into pieces")
    return found


def _chunked(file: BinaryIO, path: Path, order: str, sound: bytes) -> Piece:
    """WAV or AIFF: the library reads what is there, and a size of 0 as nothing."""
    end = file.seek(0, 2)
    place, whole = file.seek(12), 0
    while len(header := file.read(8)) == 8:
        name, size = struct.unpack(f"{order}4sI", header)
        place += 8
        if name == b"ds64":
            (whole,) = struct.unpack("<8xQ", file.read(16).ljust(16, b"\0"))
        if name == sound:
            size = whole if whole and size == 0xFFFFFFFF else size
            there = end - place
            if size == 0 and there and not _is_chunk(file, there, order):
                file.seek(0)
                content = bytearray(file.read(4) + _rest(file))
                content[place - 4 : place] = b"\xff" * 4
                return Piece(bytes(content))
            if _UNKNOWN > size > there:
                raise FileError(
                    f"cut short: it declares {size:,} bytes of sound, {there:,} are there"
                )
            after = there - size - size % 2
            file.seek(place + size + size % 2)
            if after > max(size // 10, 8) and not _is_chunk(file, after, order):
                raise FileError(
                    f"it declares {size:,} bytes of sound, and {after:,} follow that are none of "
                    "its chunks; save it anew with the right size"
                )
            break
        place = file.seek(place + size + size % 2)
    return Piece(path)


def _is_chunk(file: BinaryIO, there: int, order: str) -> bool:
    """Whether a chunk that ends within the file begins here."""
    header = file.read(8)
    if len(header) < 8 or not _NAME.fullmatch(header[:4]):
        return False
    (size,) = struct.unpack(f"{order}4xI", header)
    return int(size) <= there - 8


def _flac(content: bytes) -> Piece:
    """FLAC without its number of samples, which is compared behind the last one."""
    if len(content) < _STREAM_INFO:
        return Piece(content)
    last = int.from_bytes(content[_STREAM_INFO - 5 : _STREAM_INFO], "big")
    unknown = (last >> 36 << 36).to_bytes(5, "big")
    total = last & (1 << 36) - 1
    return Piece(content[: _STREAM_INFO - 5] + unknown + content[_STREAM_INFO:], least=total)


def _ogg(content: bytes, path: Path) -> tuple[Piece, ...]:
    """The streams of a chain one by one; a library that is given all of them reads the first."""
    starts, begun, at = [0], True, 0
    while (at := content.find(b"OggS\0", at)) >= 0 and at + 27 <= len(content):
        first = bool(content[at + 5] & 2)
        if first and not begun:
            starts.append(at)
        begun = first
        table = content[at + 27 : at + 27 + content[at + 26]]
        at += 27 + len(table) + sum(table)
    if len(starts) == 1:
        return (Piece(path),)
    ends = [*starts[1:], len(content)]
    return tuple(Piece(content[start:end]) for start, end in zip(starts, ends, strict=True))


def _mp3(content: bytes, path: Path) -> tuple[Piece, ...]:
    """MP3 with the right number of frames, and what the decoder drops because of it."""
    found = counted(content)
    if found is None:
        return (Piece(path),)
    least = found.samples * 99 // 100 - 4 * _DELAY
    if found.tagged:
        return (Piece(found.content, least=least),)
    return Piece(content, most=min(_DELAY, found.samples), least=0), Piece(
        found.content, least=least
    )
