"""Numbers that callers pass, which the command line checks itself."""

from __future__ import annotations

from dlrun.errors import InputError


def at_least(least: float, unit: str = "", **named: float | None) -> None:
    """Make sure that arguments are not too small; None is allowed.

    Args:
        least: the smallest value that is allowed.
        unit: what it is followed by in messages, such as `` s``.
        named: the arguments by name.

    Raises:
        InputError: one is too small, or NaN.
    """
    for name, value in named.items():
        if value is not None and not value >= least:
            option = f"--{name.replace('_', '-')}"
            raise InputError(f"{option} {value:g}: must be at least {least:g}{unit}")
