"""What a rule of paraphrasing is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from dlrun.lexicon.words import APOSTROPHE

Chance = Callable[[], bool]
"""Whether to change a place where a rule applies; drawn anew each time."""

Rule = Callable[[str, Chance], str]
"""A sentence, with the blanks around it, to one of the same meaning."""


def either(patterns: Iterable[str]) -> re.Pattern[str]:
    """What finds any of some patterns, the first that suits, where whole words begin and end."""
    edge = rf"[\w]|{APOSTROPHE}(?=\w)"
    before = rf"(?<!\w)(?<!\w{APOSTROPHE})"
    return re.compile(rf"{before}(?:{'|'.join(patterns)})(?!{edge})", re.IGNORECASE)


def capital(text: str) -> str:
    """With a capital letter in front."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """With a small letter in front."""
    return text[:1].lower() + text[1:]
