"""The number of frames in an MP3 file, counted because the file's header may be wrong.

Without a header, a decoder assumes that all frames have the size of the first one and estimates
their number, which can be far off if the bit rate varies.  So frames are counted here, and
the decoder gets their number in a header that it can read.  Frames are described in
ISO/IEC 11172-3 and 13818-3; the header is that of Xing's encoder.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""Sampling rates in Hz by version number: 3 is MPEG-1, 2 is MPEG-2, 0 is MPEG-2.5."""
_FIRST = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_SECOND = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
"""Bit rates of layer III in kbit/s, for MPEG-1 and for the two others."""
_REACH = 1 << 16
"""Bytes, after tags, in which the first frame has to begin."""
_XING = (b"Xing", b"Info")
_ADDED = 8
"""Frames that the header declares beyond those counted, in case the decoder finds more."""


class _Frame(NamedTuple):
    """A frame of layer III.

    Attributes:
        version: 3, 2 or 0, see ``_RATES``.
        rate: sampling rate in Hz.
        mono: whether it has one channel.
        size: bytes, including the header.
    """

    version: int
    rate: int
    mono: bool
    size: int

    @property
    def samples(self) -> int:
        """Samples per channel."""
        return 1152 if self.version == 3 else 576

    @property
    def tag(self) -> int:
        """Offset of a Xing header in it: after the frame header and the side information."""
        if self.version == 3:
            return 4 + (17 if self.mono else 32)
        return 4 + (9 if self.mono else 17)


@dataclass(frozen=True, slots=True)
class Counted:
    """A stream whose header was missing or declared too few frames.

    Attributes:
        content: the same stream with a correct header.
        samples: approximate number of samples per channel.
        tagged: whether it had a header before.
    """

    content: bytes
    samples: int
    tagged: bool


def counted(content: bytes) -> Counted | None:
    """An MP3 stream with the right number of frames; None if there is nothing to correct.

    Args:
        content: of a file, which may have another format.
    """
    start = _after_tags(content)
    first, place = _first(content, start)
    if first is None:
        return None
    frames, at = 0, place
    while at + 4 <= len(content):
        frame = _frame(content, at)
        if frame is None or (frame.version, frame.rate) != (first.version, first.rate):
            at = _next(content, _after_tags(content, at), first)
            continue
        frames += at + frame.size <= len(content)
        at += frame.size
    tag = place + first.tag
    if content[tag : tag + 4] in _XING:
        frames -= 1  # the frame of the header has no sound
        flags, known = struct.unpack(">II", content[tag + 4 : tag + 12])
        if not flags & 1 or known >= frames:
            return None
        count = struct.pack(">I", frames)
        corrected = content[: tag + 8] + count + content[tag + 12 :]
        return Counted(corrected, frames * first.samples, tagged=True)
    header = _header(content[place : place + 4], first, frames + _ADDED)
    return Counted(header + content[place:], frames * first.samples, tagged=False)


def _header(like: bytes, first: _Frame, frames: int) -> bytes:
    """A frame without sound that declares the number of frames."""
    (bits,) = struct.unpack(">I", like)
    index = 9 if first.version == 3 else 12  # 128 kbit/s, which is large enough for the header
    bits = bits & ~0xF200 | 0x10000 | index << 12  # neither padding nor a checksum
    frame = _frame(struct.pack(">I", bits), 0)
    assert frame is not None
    content = bytearray(frame.size)
    content[:4] = struct.pack(">I", bits)
    content[frame.tag : frame.tag + 12] = b"Info" + struct.pack(">II", 1, frames)
    return bytes(content)


def _frame(content: bytes, at: int) -> _Frame | None:
    """The frame that begins at an offset; None if none does."""
    bits = int.from_bytes(content[at : at + 4], "big")
    version, layer = bits >> 19 & 3, bits >> 17 & 3
    index, rate = bits >> 12 & 15, bits >> 10 & 3
    if bits >> 21 != 0x7FF or version == 1 or layer != 1 or rate == 3 or index in (0, 15):
        return None
    kilobits = (_FIRST if version == 3 else _SECOND)[index]
    hertz = _RATES[version][rate]
    slot = 144 if version == 3 else 72
    size = slot * kilobits * 1000 // hertz + (bits >> 9 & 1)
    return _Frame(version, hertz, bits >> 6 & 3 == 3, size)


def _first(content: bytes, start: int) -> tuple[_Frame | None, int]:
    """The first frame that another frame follows, or that ends the stream, and its offset."""
    at = start
    while (at := content.find(b"\xff", at, start + _REACH)) >= 0:
        frame = _frame(content, at)
        if frame is not None:
            after = at + frame.size
            if after == len(content) or _frame(content, after) is not None:
                return frame, at
        at += 1
    return None, start


def _next(content: bytes, at: int, first: _Frame) -> int:
    """The offset of the next frame after bytes that are not a frame; else the end."""
    at += 1
    while (at := content.find(b"\xff", at)) >= 0:
        frame = _frame(content, at)
        if frame is not None and (frame.version, frame.rate) == (first.version, first.rate):
            after = at + frame.size
            if after >= len(content) or _frame(content, after) is not None:
                return at
        at += 1
    return len(content)


def _after_tags(content: bytes, at: int = 0) -> int:
    """The offset after the ID3v2 tags, if any, that begin at an offset."""
    while content[at : at + 3] == b"ID3" and len(content) >= at + 10:
        size = 0
        for byte in content[at + 6 : at + 10]:
            size = size << 7 | byte & 127
        at += 10 + size + (10 if content[at + 5] & 16 else 0)
    return at
