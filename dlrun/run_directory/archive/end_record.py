"""The last bytes of a zip file, which contain how long its list of members is."""

from __future__ import annotations

import os
import struct
from typing import BinaryIO

_END = struct.Struct("<4s4H2LH")
"""The end record: signature, two numbers of disks, entries here and in all, size and offset of the
list of members, length of the comment."""
_LARGE_END = struct.Struct("<4sQ2H2L4Q")
"""The end record of files over 4 GiB, with the same numbers from its seventh field on."""
_LOCATOR = struct.Struct("<4sLQL")
"""Where that record is: signature, disk, offset, number of disks."""
_ENTRIES = 16
_LIST_BYTES = 2**14
"""Maximum number of members, and bytes of their list, that are given to zipfile, which reads all of
it."""


def need_short_list(file: BinaryIO) -> None:
    """Check, from the last bytes of a file, that zipfile will not read a long list of members.

    Raises:
        ValueError: it would, or these are not the last bytes of a zip file.
    """
    size = file.seek(0, os.SEEK_END)
    tail_size = _END.size + _LOCATOR.size + _LARGE_END.size
    start = file.seek(max(0, size - tail_size))
    tail = file.read(tail_size).rjust(tail_size, b"\0")
    end = _END.unpack(tail[-_END.size :])
    if end[0] != b"PK\x05\x06" or end[7]:
        raise ValueError("it does not end as a zip file does")
    entries, length = end[4], end[5]
    locator = _LOCATOR.unpack(tail[_LARGE_END.size : -_END.size])
    if locator[0] == b"PK\x06\x07":
        large = _LARGE_END.unpack(tail[: _LARGE_END.size])
        if large[0] != b"PK\x06\x06" or locator[2] != start:
            raise ValueError("its end record is not where it says")
        entries, length = large[7], large[8]
    if entries > _ENTRIES or length > _LIST_BYTES:
        raise ValueError("it has more members than an archive has")
