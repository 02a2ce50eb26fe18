"""The types of paraphrasing rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from dlrun.lexicon.words import APOSTROPHE

Chance = Callable[[], bool]
"""Whether to change one position where a rule applies; drawn independently each time."""

Rule = Callable[[str, Chance], str]
"""Maps a sentence, with the whitespace around it, to one with the same meaning."""


def either(patterns: Iterable[str]) -> re.Pattern[str]:
    """A pattern for the first matching of several patterns, at word boundaries."""
    edge = rf"[\w]|{APOSTROPHE}(?=\w)"
    before = rf"(?<!\w)(?<!\w{APOSTROPHE})"
    return re.compile(rf"{before}(?:{'|'.join(patterns)})(?!{edge})", re.IGNORECASE)


def capital(text: str) -> str:
    """The text with a capital first letter."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """The text with a small first letter."""
    return text[:1].lower() + text[1:]
