"""Notes for the user on samples, such as files that were left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

Tell = Callable[[str], object]
"""Receives one note for the user on the samples, such as files that were left out."""


def tell_all(notes: Iterable[str], tell: Tell) -> None:
    """Report each note once."""
    for note in dict.fromkeys(notes):
        tell(note)
