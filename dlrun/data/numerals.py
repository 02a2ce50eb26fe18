"""Reading numbers from text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np

LARGEST = float(np.finfo(np.float32).max)


def parse_number(text: str) -> float | None:
    """The number that a text holds, or None; unlike ``float``, 1_000 is not a number."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if text.isascii() and "_" not in text else None


@dataclass(frozen=True, slots=True)
class Numerals:
    """A notation of numbers.

    Attributes:
        decimal: the decimal separator.
        thousands: the optional separator of groups of digits; None for none.
    """

    decimal: str = "."
    thousands: str | None = None

    def parse(self, text: str) -> float | None:
        """The number that a text holds, or None."""
        if self.decimal == "." and self.thousands is None:
            return parse_number(text)
        if not any(map(str.isdigit, text)):
            return parse_number(text)  # such as inf
        if not _pattern(self).fullmatch(text):
            return None
        plain = text.replace(self.thousands, "") if self.thousands is not None else text
        return parse_number(plain.replace(self.decimal, "."))


PLAIN = Numerals()


@cache
def _pattern(numerals: Numerals) -> re.Pattern[str]:
    whole = "[0-9]+"
    if numerals.thousands is not None:
        # The last group has three digits; in India, the groups before it have two.
        between = re.escape(numerals.thousands)
        whole = f"(?:[0-9]+|[0-9]{{1,3}}(?:{between}[0-9]{{2,3}})*{between}[0-9]{{3}})"
    point = re.escape(numerals.decimal)
    return re.compile(rf"[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?")
