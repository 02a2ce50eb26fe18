"""The list of all errors of a spec, which are reported together."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from itertools import islice

from dlrun.errors import SpecError
from dlrun.printable import printable
from dlrun.redact import redacted
from dlrun.spec.origin import InFile, Interpolated, Origin

_DIGITS = re.compile(r"([0-9]{1,9})")
_LISTED = 100
"""Errors that are reported at once, at most."""
_KNOWN = 1_000
"""Names that are compared with a misspelt one, at most."""
_NAMED = 60
"""Names that are listed, at most."""
_WORD = 100
"""Characters of a word that is compared, at most."""


class Problems:
    """Collects errors and raises them together.

    Checks call ``add`` and continue; only ``raise_if_any`` raises.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[Origin, str], None] = {}
        self._cause: Exception | None = None

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(
        self, origin: Origin, what: str, advice: str = "", cause: Exception | None = None
    ) -> None:
        """Note one error.

        Args:
            origin: where it is.
            what: what is wrong.
            advice: what to do about it, if that is known.
            cause: the exception that led to it.
        """
        # A node used several times, through an alias or `repeat`, is one error.
        self._found[origin, printable(redacted(f"{what}; {advice}" if advice else what))] = None
        self._cause = self._cause or cause

    def found(self) -> list[tuple[Origin, str]]:
        """The errors with their origins, in the order in which they were found."""
        return list(self._found)

    def messages(self) -> list[str]:
        """The errors without their origins, in the order in which they were found."""
        return [text for _, text in self._found]

    def lines(self) -> list[str]:
        """The first errors as finished lines, in the order of the file, overrides last."""

        def place(error: tuple[Origin, str]) -> tuple[bool, tuple[str | int, ...], int, int]:
            origin = error[0].shown if isinstance(error[0], Interpolated) else error[0]
            if isinstance(origin, InFile):
                return (False, (origin.file,), origin.line, origin.column)
            return (True, _by_numbers(str(origin)), 0, 0)

        lines = [
            f"{redacted(str(origin))}: {text}" for origin, text in sorted(self._found, key=place)
        ]
        if len(lines) > _LISTED:
            lines[_LISTED:] = [f"... and {len(lines) - _LISTED:,} more errors; correct these first"]
        return lines

    def raise_if_any(self, notes: Iterable[str] = ()) -> None:
        """Raise a SpecError with every error.

        Args:
            notes: what may help to correct them; added to the exception (``__notes__``).

        Raises:
            SpecError: at least one error was noted.
        """
        if self._found:
            error = SpecError(self.lines())
            for note in notes:
                error.add_note(note)
            raise error from self._cause


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Advice for a word: the known one of that meaning, the most similar one, or all of them."""
    names = sorted(islice(known, _KNOWN + 1))
    if len(names) > _KNOWN:
        return f"more than {_KNOWN:,} names are known, and this is not one of them"
    if (found := near(word, names)) is not None:
        return f"did you mean '{found}'?"
    if not names:
        return "none is known here"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"known: {', '.join(names[:_NAMED])}{more}"


def near(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most similar to a misspelt one; None if none is similar."""
    if len(word) > _WORD:
        return None
    found = difflib.get_close_matches(word.lower(), sorted(known), n=3, cutoff=0.6)
    # Swapped letters are more likely than missing ones.
    return min(found, key=lambda name: sorted(name) != sorted(word.lower()), default=None)


def _by_numbers(text: str) -> tuple[str | int, ...]:
    """A key by which ``metrics.9`` comes before ``metrics.10``."""
    parts = _DIGITS.split(text)
    return tuple(int(part) if number % 2 else part for number, part in enumerate(parts))
