"""Typing errors."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from dlrun.augment.augmentation import augmentation
from dlrun.augment.ranges import Level, fixed
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.passage import Passage
from dlrun.augment.text.text import PassageAugmentation
from dlrun.lexicon.words import letters

TypoKind = Literal["neighbour", "swap", "drop", "double"]

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
"""An American keyboard; each row is shifted about half a key to the right of the one above."""


def _neighbours() -> dict[str, str]:
    places = {key: (row, place) for row, keys in enumerate(_ROWS) for place, key in enumerate(keys)}
    steps = ((0, -1), (0, 1), (-1, 0), (-1, 1), (1, -1), (1, 0))
    keys = {place: key for key, place in places.items()}
    return {
        key: "".join(keys.get((row + down, place + right), "") for down, right in steps)
        for key, (row, place) in places.items()
    }


NEIGHBOURS = _neighbours()
"""The keys around each letter's key."""


@augmentation("typos")
class Typos(PassageAugmentation):
    """Insert typing errors into some words.

    Words of one or two letters are not changed.
    """

    keeps_words: ClassVar = False  # an apostrophe may come to the end of a word

    share: Level = 0.05
    """Number of errors, as a fraction of the text's words: a number, or [low, high] to draw
    from."""
    kinds: Annotated[tuple[TypoKind, ...], Field(min_length=1)] = ("neighbour", "swap", "drop")
    """Kinds of errors, all equally likely: a neighbouring key, two swapped letters, a missing
    letter, or a doubled letter."""

    def edit(self, passage: Passage, random: Generator) -> None:
        """Insert the errors."""
        words = passage.words
        count = random.share(*fixed(self.share), len(words))
        places = [
            place
            for place, word in enumerate(words)
            if (len(word) if word.isascii() else len(letters(word))) > 2
        ]
        for place in random.some(places, count):
            words[place] = _mistyped(words[place], random.one(self.kinds), random)


def _mistyped(word: str, kind: TypoKind, random: Generator) -> str:
    typed = letters(word)
    if kind == "swap":
        places = [at for at in range(len(typed) - 1) if typed[at] != typed[at + 1]]
        if not places:
            return word
        at = random.one(places)
        typed[at : at + 2] = typed[at + 1], typed[at]
        return "".join(typed)
    at = random.below(len(typed))
    letter = typed[at]
    if kind == "drop":
        typed[at : at + 1] = []
    elif kind == "double":
        typed[at : at + 1] = letter, letter
    elif keys := NEIGHBOURS.get(letter.lower()):  # otherwise this keyboard does not have it
        key = random.one(keys)
        typed[at] = key.upper() if letter.isupper() else key
    return "".join(typed)
