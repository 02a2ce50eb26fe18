"""The pieces of a sound file that are decoded, so that all of it is read despite a wrong header.

Programs that write to a pipe do not know how long a sound will be, and write 0 or the largest
number as its size in the header.  Files can also be truncated, or several files joined into one.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from dlrun.data.files.form import FileError
from dlrun.data.files.mpeg_audio import counted

_UNKNOWN = 0x7F000000
"""A size of sound this large means an unknown size; files of such a size are not read."""
_LARGEST = 1 << 29
"""Bytes from which a compressed file is far too long."""
_CHUNKED = {
    b"RIFF": ("<", b"data"),
    b"RF64": ("<", b"data"),
    b"BW64": ("<", b"data"),
    b"RIFX": (">", b"data"),
    b"FORM": (">", b"SSND"),
}
"""First bytes of WAV and AIFF files: their byte order and the name of the chunk of sound."""
_NAME = re.compile(rb"[\x20-\x7e]{4}")
"""Valid names of chunks."""
_DELAY = 529
"""Samples that the MP3 decoder drops at the start of a stream with a number of frames."""
_STREAM_INFO = 26
"""Bytes of a FLAC file up to the end of its number of samples, a field of 36 bits."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sound file, or corrected content of one, which a decoder reads in full or in part.

    Attributes:
        source: the file, or the content of one.
        most: samples per channel to read; None for all.
        least: samples per channel that it must have; None for as many as its header declares.
    """

    source: Path | bytes
    most: int | None = None
    least: int | None = None


def pieces(file: BinaryIO, path: Path) -> tuple[Piece, ...]:
    """The pieces of a file, to be decoded one after another.

    Args:
        file: at its first byte.
        path: its path.

    Raises:
        FileError: the file is truncated, or far too long.
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
    content = file.read(_LARGEST)
    if len(content) == _LARGEST:
        raise FileError("far too long; cut it into pieces")
    return content


def _chunked(file: BinaryIO, path: Path, order: str, sound: bytes) -> Piece:
    """WAV or AIFF: a declared size of 0 is replaced, as the library would read nothing."""
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
                raise FileError(f"cut short: it declares {size:,} bytes of sound and has {there:,}")
            after = there - size - size % 2
            file.seek(place + size + size % 2)
            if after > max(size // 10, 8) and not _is_chunk(file, after, order):
                raise FileError(
                    f"it declares {size:,} bytes of sound, but {after:,} bytes follow that are not "
                    "a chunk; save it again with the right size"
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
    """FLAC without its number of samples, which is checked after decoding."""
    if len(content) < _STREAM_INFO:
        return Piece(content)
    last = int.from_bytes(content[_STREAM_INFO - 5 : _STREAM_INFO], "big")
    unknown = (last >> 36 << 36).to_bytes(5, "big")
    total = last & (1 << 36) - 1
    return Piece(content[: _STREAM_INFO - 5] + unknown + content[_STREAM_INFO:], least=total)


def _ogg(content: bytes, path: Path) -> tuple[Piece, ...]:
    """The streams of a chained file one by one; the library would read only the first."""
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
    """MP3 with the right number of frames, after a piece with the samples that this drops."""
    found = counted(content)
    if found is None:
        return (Piece(path),)
    least = found.samples * 99 // 100 - 4 * _DELAY
    if found.tagged:
        return (Piece(found.content, least=least),)
    return Piece(content, most=min(_DELAY, found.samples), least=0), Piece(
        found.content, least=least
    )
