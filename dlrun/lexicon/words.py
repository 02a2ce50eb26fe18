"""What a word is, for whoever cuts text into tokens and for whoever changes it."""

from __future__ import annotations

import re

APOSTROPHE = "['\u2019]"
"""In a pattern, the straight one and the curved one."""

WORD = re.compile(rf"\w+(?:{APOSTROPHE}\w+)*")
"""Letters, digits and underscores of any script, with apostrophes between them."""

TOKEN = re.compile(rf"{WORD.pattern}|[^\w\s]")
"""A word, or any other character that is no blank."""


def listed(words: str) -> frozenset[str]:
    """The words of a list with blanks between them."""
    return frozenset(words.split())


FUNCTION_WORDS = listed(
    """
    a about above after again against all am an and any are as at be because been before being
    below between both but by can cannot could did do does doing done down during each either else
    ever every few for from further had has have having he her here hers herself him himself his
    how i if in into is it its itself just may me might mine more most much must my myself neither
    no none nor not of off on once one only onto or other our ours ourselves out over own per same
    shall she should since so some such than that the their theirs them themselves then there these
    they this those through to too two under until up upon us very was we were what when where
    whether which while who whom whose why will with within without would yet you your yours
    yourself yourselves
    """
)
"""Words that hold a sentence together; none of them has a synonym here."""


def tokens(text: str, *, lower: bool) -> list[str]:
    """The tokens of a text in order.

    Args:
        text: of any script.
        lower: make all letters small first.
    """
    text = text.replace("\u2019", "'")
    return TOKEN.findall(text.lower() if lower else text)


def like(word: str, other: str) -> str:
    """A word with its letters as large as those of another: all, the first, or none."""
    if other.isupper() and len(other) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if other[:1].isupper() else word
