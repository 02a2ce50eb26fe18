"""Numbers that callers pass, which the command line checks itself."""

from __future__ import annotations

from numbers import Integral, Real

from dlrun.errors import InputError
from dlrun.printable import printable


def at_least(least: float, unit: str = "", /, **named: float | None) -> None:
    """Make sure that arguments are numbers that are not too small; None is allowed.

    Args:
        least: the smallest value that is allowed.
        unit: what it is followed by in messages, such as `` s``.
        named: the arguments by name.

    Raises:
        InputError: one is too small, NaN, or not a number.
    """
    for name, value in named.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, Real):
            raise InputError(f"{_shown(name, value)}: must be a number")
        if not value >= least:
            raise InputError(f"{_option(name)} {value:g}: must be at least {least:g}{unit}")


def at_most(most: float, unit: str = "", /, **named: float) -> None:
    """Make sure that arguments are not too large.

    Args:
        most: the largest value that is allowed.
        unit: what it is followed by in messages, such as `` s``.
        named: the arguments by name.

    Raises:
        InputError: one is too large.
    """
    for name, value in named.items():
        if value > most:
            raise InputError(f"{_option(name)} {value:g}: must be at most {most:,g}{unit}")


def counts(least: int, **named: int | None) -> None:
    """Make sure that arguments are whole numbers that are not too small; None is allowed.

    Args:
        least: the smallest value that is allowed.
        named: the arguments by name.

    Raises:
        InputError: one is not whole, or too small.
    """
    whole(**named)
    at_least(least, **named)


def whole(**named: int | None) -> None:
    """Make sure that arguments are whole numbers, also of NumPy; None is allowed.

    Args:
        named: the arguments by name.

    Raises:
        InputError: one is something else, such as 1.5, 2.0 or True.
    """
    for name, value in named.items():
        if value is not None and (isinstance(value, bool) or not isinstance(value, Integral)):
            raise InputError(f"{_shown(name, value)}: must be a whole number")


def _shown(name: str, value: object) -> str:
    return f"{_option(name)} {printable(str(value))}"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
