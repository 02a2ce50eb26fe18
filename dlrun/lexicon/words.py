"""What a word and a letter are, for tokenization and for augmentation.

A letter is what readers see as one (a grapheme cluster of Unicode's Standard Annex 29): with its
accents and vowel signs, and an emoji with everything that is joined to it.  A word never ends
within a letter. Texts must be in the composed form of Unicode (NFC).
"""

from __future__ import annotations

import re
from functools import cache
from re import Pattern
from typing import NamedTuple, cast

APOSTROPHE = "['\u2019]"
"""In a pattern, the straight and the curved apostrophe."""


class _Patterns(NamedTuple):
    """Patterns for texts in any script; those of ``regex`` have the methods of ``re``.

    Attributes:
        word: letters, marks, digits and underscores, with apostrophes between them.
        split: the same, as a group.
        token: a word, or any other letter that is not whitespace.
    """

    word: Pattern[str]
    split: Pattern[str]
    token: Pattern[str]


def _patterns(text: str) -> _Patterns:
    return _plain() if _unmarked(text) else _general()


def _unmarked(text: str) -> bool:
    """Whether each of its characters is a letter."""
    return _marked().search(text) is None


@cache
def _marked() -> Pattern[str]:
    """A range with all marks and joining characters.

    No letter before it is changed by a following one.  All patterns are compiled when they are
    needed: most commands have no texts.
    """
    return re.compile(r"[\u0300-\U0010ffff]")


@cache
def _plain() -> _Patterns:
    """For ASCII-like texts: twice as fast as the general patterns, with the same matches."""
    word = rf"\w+(?:{APOSTROPHE}\w+)*"
    return _Patterns(*map(re.compile, (word, f"({word})", rf"{word}|[^\w\s]")))


@cache
def _general() -> _Patterns:
    """For texts in any script."""
    import regex  # takes some milliseconds, and many texts do not need it

    blank = r"[\s\x1c-\x1f]"  # whitespace, as in str.split
    # A mark without a letter before it belongs to the preceding character, as in keycap emoji.
    word = rf"(?![\p{{M}}\u200c\u200d])[\w\p{{N}}]+(?:{APOSTROPHE}[\w\p{{N}}]+)*"
    patterns = (word, f"({word})", rf"{word}|(?!{blank})\X(?<!{blank})|(?!{blank}).")
    return _Patterns(*map(regex.compile, patterns))


@cache
def _cluster() -> Pattern[str]:
    import regex

    return cast(Pattern[str], regex.compile(r"\X"))


def listed(words: str) -> frozenset[str]:
    """The words of a list separated by whitespace."""
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
"""Words with a grammatical role; they have no synonyms here."""


def tokens(text: str, *, lower: bool) -> list[str]:
    """The tokens of a text in order.

    Args:
        text: in any script.
        lower: convert all letters to lower case first.
    """
    text = text.replace("\u2019", "'")
    text = text.lower() if lower else text
    return _patterns(text).token.findall(text)


def parted(text: str) -> list[str]:
    """A text split into gap, word, gap, ...; gaps are the text before, between and after words."""
    return _patterns(text).split.split(text)


def is_word(text: str) -> bool:
    """Whether a text is exactly one word."""
    return _patterns(text).word.fullmatch(text) is not None


def letters(text: str) -> list[str]:
    """The letters of a text in order, each with its combining characters."""
    return list(text) if _unmarked(text) else _cluster().findall(text)


def like(word: str, other: str) -> str:
    """A word with the capitalization of another: all capitals, a capital first letter, or none."""
    if other.isupper() and len(other) > 1:
        return word.upper()
    return word[:1].upper() + word[1:] if other[:1].isupper() else word
