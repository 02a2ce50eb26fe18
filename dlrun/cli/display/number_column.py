"""The numbers of one column, in one notation."""

from __future__ import annotations

import math
from collections.abc import Sequence

_DECIMALS = 4
"""Digits after the point, at least."""


def number_column(values: Sequence[float], width: int = 10, digits: int = 3) -> list[str]:
    """The numbers of a column as text: all with equally many decimals, or all with exponents.

    0.001000 and 0.000890, never 0.0010 and 8.903e-04.  There are as many decimals as the number
    closest to 0 needs; if one of them is then too wide, all have exponents.

    Args:
        values: of the column.
        width: characters of a number at most; 10 are enough for -1.234e-05.
        digits: significant digits, at least.
    """
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    needed = digits - 1 - math.floor(math.log10(min(sizes))) if sizes else 0
    fixed = [f"{value:.{max(_DECIMALS, needed)}f}" for value in values]
    if all(len(text) <= width for text in fixed):
        return fixed
    return [f"{value:.{digits}e}" for value in values]


def rate_column(values: Sequence[float]) -> list[str]:
    """Learning rates in at most eight characters, without zeros at the end that all of them have.

    Args:
        values: of the column.
    """
    texts = number_column(values, width=8)
    if any("e" in text for text in texts):
        return [f"{value:.2e}" for value in values]
    zeros = min(len(text) - len(text.rstrip("0")) for text in texts)
    return [text[: len(text) - zeros].rstrip(".") for text in texts]
