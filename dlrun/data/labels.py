"""Names of classes from what labels say: for tables, folders and arrays of text alike."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.numerals import parse_number

_EXACT = 2.0**53  # whole numbers up to this one are exact in float64

_LONGEST = 60
"""Characters of a text in a message."""

Parse = Callable[[str], float | None]
"""The number that a text holds, or None."""


def shown(text: str) -> str:
    """A text in quotes, as messages have it: its start where it is long."""
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}..."


def whole_number(text: str, parse: Parse = parse_number) -> int | None:
    """The whole number that a text stands for, if it does."""
    value = parse(text)
    if value is None or not value.is_integer() or abs(value) > _EXACT:
        return None
    return int(value)


def composed(text: str) -> str:
    """A text in NFC, in which characters that look alike have one spelling (Unicode UAX #15)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def class_name(text: str, parse: Parse = parse_number) -> str:
    """The name of the class that a label means: 1, 01 and 1.0 mean the class 1.

    An accent that follows its letter means the same as a letter with an accent.
    """
    number = whole_number(text, parse)
    return composed(text) if number is None else str(number)


def class_names(labels: Iterable[str], parse: Parse = parse_number) -> tuple[str, ...]:
    """Names of the classes of some labels: numbers by size, then other texts by the alphabet."""

    def order(name: str) -> tuple[bool, float, str]:
        value = parse(name)
        if value is None or not math.isfinite(value):
            return (True, 0.0, name)
        return (False, value, name)

    return tuple(sorted({class_name(label, parse) for label in labels}, key=order))


def class_codes(
    labels: Sequence[str],
    classes: Sequence[str],
    fault: Callable[[int, str], Exception],
    parse: Parse = parse_number,
) -> Array:
    """The place of each label's class among ``classes``, (n,) int64.

    A class of the very text of a label comes first: some that were named by other rules are known
    to networks that were trained then.

    Args:
        labels: the texts.
        classes: names of the classes.
        fault: the error that says what is wrong with the label of a number.
        parse: reads numbers.

    Raises:
        Exception: the first that ``fault`` gives, where a label means none of them.
    """
    code = {name: number for number, name in enumerate(classes)}
    for number, name in enumerate(classes):
        code.setdefault(composed(name), number)
    found: dict[str, int] = {}
    codes = np.empty(len(labels), np.int64)
    for row, label in enumerate(labels):
        known = found.get(label)
        if known is None:
            known = code.get(label, code.get(class_name(label, parse)))
            if known is None:
                raise fault(row, f"{shown(label)} is no class of the training data")
            found[label] = known
        codes[row] = known
    return codes


def category_codes(categories: Sequence[str], cells: Iterable[str]) -> dict[str, float]:
    """From each text that means a category to its place among ``categories``.

    Args:
        categories: of the training data.
        cells: different texts.
    """
    code = {category: float(number) for number, category in enumerate(categories)}
    known = {composed(category): number for category, number in code.items()}
    for cell in cells:
        if cell not in code and (number := known.get(composed(cell))) is not None:
            code[cell] = number
    return code
