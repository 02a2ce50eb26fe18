"""Sizes in options, such as 2GB."""

from __future__ import annotations

import re

from dlrun.errors import InputError
from dlrun.printable import printable

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,9})?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def parse_size(word: str, place: str) -> int:
    """Bytes of a size such as 2GB, 500MB or 1.5GiB.

    Raises:
        InputError: it is not a size.
    """
    found = _SIZE.fullmatch(word.strip())
    if found is None:
        raise InputError(f"{place}: {printable(word)!r} is not a size; write 500MB, 2GB or 1.5GiB")
    number, unit, binary = found.groups()
    return int(float(number) * (1024 if binary else 1000) ** _POWERS[unit.lower()])
