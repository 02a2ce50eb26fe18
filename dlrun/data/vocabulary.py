"""Tokens and their codes, learned from the training part."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.lexicon.synonyms import Synonyms
from dlrun.lexicon.words import APOSTROPHE, letters, tokens

Unit = Literal["word", "character"]
Keep = Literal["start", "end"]

PADDING, UNKNOWN = 0, 1
"""The codes of no token and of one that is not in the vocabulary."""

SPECIAL = 2
"""How many codes these are."""


RULES = 2
"""By which texts are cut now.  Runs that were trained by earlier ones keep to those."""

_FIRST_RULES = re.compile(rf"\w+(?:{APOSTROPHE}\w+)*|[^\w\s]")
"""Tokens of runs whose vocabulary names no rules: accents and vowel signs were characters too."""


@dataclass(frozen=True)
class Cutting:
    """How texts are cut into tokens.

    Attributes:
        unit: words and punctuation, or characters, in which a stretch of blanks is one.
        lower: make all letters small.
        rules: 1 or 2, see ``RULES``.
    """

    unit: Unit
    lower: bool
    rules: int = RULES

    def tokens(self, text: str) -> list[str]:
        """The tokens of a text in order, in the composed form of Unicode (NFC)."""
        text = unicodedata.normalize("NFC", text)
        if self.unit == "character":
            plain = " ".join((text.lower() if self.lower else text).split())
            return list(plain) if self.rules == 1 else letters(plain)
        if self.rules == 1:
            text = text.replace("\u2019", "'")
            return _FIRST_RULES.findall(text.lower() if self.lower else text)
        return tokens(text, lower=self.lower)


@dataclass(frozen=True)
class Vocabulary:
    """The known tokens.

    Attributes:
        known: the n-th of them has the code n + 2.
    """

    known: tuple[str, ...]

    @classmethod
    def of(
        cls, texts: Iterable[Sequence[str]], most: int, min_count: int, synonyms: Synonyms | None
    ) -> Vocabulary:
        """The most frequent tokens of some texts; of equally frequent ones the alphabet decides.

        Args:
            texts: tokens of each.
            most: codes there may be, those of padding and unknown tokens included.
            min_count: how often a token must occur.
            synonyms: those of the tokens are known as well, as far as there is room; None for none.
        """
        counts = Counter(token for text in texts for token in text)
        ordered = sorted(counts, key=lambda token: (-counts[token], token))
        found = dict.fromkeys(token for token in ordered if counts[token] >= min_count)
        if synonyms is not None:
            for token in tuple(found):
                found.update(dict.fromkeys(word.lower() for word in synonyms.of(token)))
        return cls(tuple(found)[: max(0, most - SPECIAL)])

    @cached_property
    def codes(self) -> dict[str, int]:
        """The code of each known token."""
        return {token: SPECIAL + place for place, token in enumerate(self.known)}

    @property
    def size(self) -> int:
        """How many codes there are: 0 up to, not including, this one."""
        return SPECIAL + len(self.known)

    def encode(self, text: Sequence[str], keep: Keep, row: Array) -> None:
        """Write the codes of a text's tokens, and padding behind them.

        Args:
            text: its tokens.
            keep: which end of a text stays that is longer than there is room.
            row: (length,) float32.
        """
        kept = text[: len(row)] if keep == "start" else text[-len(row) :]
        row[: len(kept)] = [self.codes.get(token, UNKNOWN) for token in kept]
        row[len(kept) :] = PADDING

    def to_bytes(self) -> Array:
        """All that must be kept of it, (m,) uint8; no token has a line break in it."""
        return np.frombuffer("\n".join(self.known).encode(), dtype=np.uint8)

    @classmethod
    def from_bytes(cls, stored: Array) -> Vocabulary:
        """The one again that ``to_bytes`` was called on."""
        text = stored.astype(np.uint8).tobytes().decode()
        return cls(tuple(text.split("\n")) if text else ())
