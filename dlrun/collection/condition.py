"""A condition on runs, as it is written: ``optimizer.adam.lr<1e-2``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dlrun.collection.keys import OTHER_NAMES
from dlrun.errors import InputError
from dlrun.printable import printable

_CONDITION = re.compile(r"\s*([^\s=!<>~]+)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
_MEANT = {"==": "=", "=<": "<=", "=>": ">=", "=~": "~", "!==": "!="}
"""Operators of other languages, and those that are meant; unnoticed, the second sign would be
part of the value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition on runs, as it was written.

    Attributes:
        text: as the user wrote it.
        key: a field, the name of a score, or a key of specs.
        operator: ``=``, ``!=``, ``<``, ``<=``, ``>``, ``>=``, or ``~`` for a part of a text.
        word: what is compared with, as text.
    """

    text: str
    key: str
    operator: str
    word: str


def parse_condition(text: str) -> Condition:
    """A condition.

    Raises:
        InputError: it is not one.
    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise InputError(
            f"{printable(text)!r}: not a condition; write KEY=VALUE with one of the operators "
            "= != < <= > >= ~, such as 'optimizer.adam.lr<1e-2'"
        )
    key, operator, word = found.groups()
    if (meant := _MEANT.get(other := operator + word[:1])) is not None:
        raise InputError(
            f"{printable(text)!r}: {other} is not an operator; write {meant}, or quotes around a "
            "value that begins like this"
        )
    return Condition(text, OTHER_NAMES.get(key, key), operator, word)
