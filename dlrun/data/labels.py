"""Names of classes from the labels of tables, folders and arrays of text."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.data.numerals import parse_number
from dlrun.spec.problems import did_you_mean

_EXACT = 2.0**53  # each whole number below this one is exact in float64, and no other rounds to it

_LONGEST = 60
"""Characters of a text in a message."""

NEW_CATEGORY = (
    "is not a category of the training data; to count new categories as missing values, train with "
    "one_hot: {unknown: ignore}"
)
"""The error for a text, and what to do."""

Parse = Callable[[str], float | None]
"""The number that a text holds, or None."""


def shown(text: str) -> str:
    """A text in quotes, for messages; a long one is shortened."""
    return repr(text) if len(text) <= _LONGEST else f"{text[:_LONGEST]!r}..."


def whole_number(text: str, parse: Parse = parse_number) -> int | None:
    """The integer that a text holds, or None."""
    value = parse(text)
    if value is None or not value.is_integer() or abs(value) >= _EXACT:
        return None
    return int(value)


def composed(text: str) -> str:
    """A text in NFC, which encodes each character in only one way (Unicode UAX #15)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def class_name(text: str, parse: Parse = parse_number) -> str:
    """The name of the class of a label: 1, 01 and 1.0 are the class 1.

    A letter followed by a combining accent is the same as the accented letter.
    """
    number = whole_number(text, parse)
    return composed(text) if number is None else str(number)


def class_names(labels: Iterable[str], parse: Parse = parse_number) -> tuple[str, ...]:
    """Names of the classes of some labels: numbers in order, then other texts alphabetically."""

    def order(name: str) -> tuple[bool, float, int, str]:
        value = parse(name)
        if value is None or not math.isfinite(value):
            return (True, 0.0, 0, name)
        return (False, value, _digits(name) if abs(value) >= _EXACT else 0, name)

    return tuple(sorted({class_name(label, parse) for label in labels}, key=order))


def _digits(name: str) -> int:
    """An integer with all its digits, which tells numbers apart that are the same float64."""
    try:
        return int(name)
    except ValueError:  # not an integer, or one of thousands of digits
        return 0


def class_codes(
    labels: Sequence[str],
    classes: Sequence[str],
    error: Callable[[int, str], Exception],
    parse: Parse = parse_number,
) -> Array:
    """The index of each label's class in ``classes``, (n,) int64.

    A class with exactly the text of a label has priority, because earlier versions named classes
    by other rules.

    Args:
        labels: the texts.
        classes: names of the classes.
        error: returns the exception for a label, from its index and a message.
        parse: reads numbers.

    Raises:
        Exception: the result of ``error`` for the first label that is not one of the classes.
    """
    code = {name: number for number, name in enumerate(classes)}
    for number, name in enumerate(classes):
        code.setdefault(composed(name), number)
    seen: dict[str, int] = {}
    codes = np.empty(len(labels), np.int64)
    for row, label in enumerate(labels):
        known = seen.get(label)
        if known is None:
            known = code.get(label, code.get(class_name(label, parse)))
            if known is None:
                advice = did_you_mean(label, classes)
                raise error(row, f"{shown(label)} is not a class of the training data; {advice}")
            seen[label] = known
        codes[row] = known
    return codes


def category_codes(categories: Sequence[str], cells: Iterable[str]) -> dict[str, float]:
    """The index in ``categories`` of each text that is one of them.

    Args:
        categories: of the training data.
        cells: distinct texts.
    """
    code = {category: float(number) for number, category in enumerate(categories)}
    known = {composed(category): number for category, number in code.items()}
    for cell in cells:
        if cell not in code and (number := known.get(composed(cell))) is not None:
            code[cell] = number
    return code
