"""The list that every fault of a spec goes to, so that all are reported at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import islice

from dlrun.errors import SpecError
from dlrun.printable import printable
from dlrun.spec.origin import InFile, Interpolated, Origin

_LISTED = 100
"""Faults that are told at once."""
_KNOWN = 1_000
"""Words that are compared with a misspelt one, at most."""
_NAMED = 60
"""Words that are listed, at most."""
_WORD = 100
"""Letters of a word that may be a misspelt one."""


class Problems:
    """Collects faults and raises them together.

    Checking code calls ``add`` and goes on; only ``raise_if_any`` raises.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Origin, str], None] = {}
        self._cause: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self, origin: Origin, what: str, advice: str = "", cause: Exception | None = None
    ) -> None:
        """Note one fault: what is wrong, where it can be said what to do, and what led to it."""
        # A node used through an alias or `repeat` is faulty once.
        self._found[origin, printable(f"{what}; {advice}" if advice else what)] = None
        self._cause = self._cause or cause

    def found(self) -> list[tuple[Origin, str]]:
        """The faults with their places, in the order in which they were found."""
        return list(self._found)

    def messages(self) -> list[str]:
        """The faults without their places, in the order in which they were found."""
        return [text for _, text in self._found]

    def lines(self) -> list[str]:
        """The faults as finished lines, in the order of the file, overrides last; not too many."""

        def place(fault: tuple[Origin, str]) -> tuple[bool, str, int, int]:
            origin = fault[0].shown if isinstance(fault[0], Interpolated) else fault[0]
            if isinstance(origin, InFile):
                return (False, origin.file, origin.line, origin.column)
            return (True, str(origin), 0, 0)

        lines = [f"{origin}: {text}" for origin, text in sorted(self._found, key=place)]
        if len(lines) > _LISTED:
            lines[_LISTED:] = [f"... and {len(lines) - _LISTED:,} more errors; correct these first"]
        return lines

    def raise_if_any(self) -> None:
        """Raise a SpecError that holds every fault.

        Raises:
            SpecError: at least one fault was noted.
        """
        if self._found:
            raise SpecError(self.lines()) from self._cause


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Advice for a misspelt word: the nearest known one or, where none is near, all of them."""
    names = sorted(islice(known, _KNOWN + 1))
    if len(names) > _KNOWN:
        return f"it is none of the more than {_KNOWN:,} that are known"
    near = (
        [] if len(word) > _WORD else difflib.get_close_matches(word.lower(), names, n=3, cutoff=0.6)
    )
    if near:
        # Letters that changed places are likelier than letters that are missing.
        first = min(near, key=lambda name: sorted(name) != sorted(word.lower()))
        return f"did you mean '{first}'?"
    if not names:
        return "none is known here"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"known: {', '.join(names[:_NAMED])}{more}"
