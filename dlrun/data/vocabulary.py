"""Tokens and their codes, from the training set."""

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
"""The codes of padding and of a token that is not in the vocabulary."""

SPECIAL = 2
"""The number of these codes."""


RULES = 2
"""Current version of the tokenization rules; runs trained with earlier rules keep them."""

_FIRST_RULES = re.compile(rf"\w+(?:{APOSTROPHE}\w+)*|[^\w\s]")
"""Tokens in runs without a rules version: accents and vowel signs were separate characters."""


@dataclass(frozen=True)
class Cutting:
    """How texts are split into tokens.

    Attributes:
        unit: words and punctuation, or characters; a run of white space is one blank.
        lower: convert letters to lower case.
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
        known: the n-th token, from 0, has the code n + 2.
    """

    known: tuple[str, ...]

    @classmethod
    def of(
        cls, texts: Iterable[Sequence[str]], most: int, min_count: int, synonyms: Synonyms | None
    ) -> Vocabulary:
        """The most frequent tokens of some texts; equally frequent ones are ordered alphabetically.

        Args:
            texts: tokens of each.
            most: maximum number of codes, including padding and unknown tokens.
            min_count: minimum number of occurrences of a token.
            synonyms: added for the tokens while there is room; None for none.
        """
        counts = Counter(token for text in texts for token in text)
        ordered = sorted(counts, key=lambda token: (-counts[token], token))
        known = dict.fromkeys(token for token in ordered if counts[token] >= min_count)
        if synonyms is not None:
            for token in tuple(known):
                known.update(dict.fromkeys(word.lower() for word in synonyms.of(token)))
        return cls(tuple(known)[: max(0, most - SPECIAL)])

    @cached_property
    def codes(self) -> dict[str, int]:
        """The code of each known token."""
        return {token: SPECIAL + place for place, token in enumerate(self.known)}

    @property
    def size(self) -> int:
        """The number of codes, which are 0 to size - 1."""
        return SPECIAL + len(self.known)

    def encode(self, text: Sequence[str], keep: Keep, row: Array) -> None:
        """Write the codes of a text's tokens, followed by padding.

        Args:
            text: its tokens.
            keep: the part of a text that is kept if it is longer than the row.
            row: (length,) float32.
        """
        kept = text[: len(row)] if keep == "start" else text[-len(row) :]
        row[: len(kept)] = [self.codes.get(token, UNKNOWN) for token in kept]
        row[len(kept) :] = PADDING

    def to_bytes(self) -> Array:
        """The tokens as bytes, (m,) uint8, separated by line breaks, which no token contains."""
        return np.frombuffer("\n".join(self.known).encode(), dtype=np.uint8)

    @classmethod
    def from_bytes(cls, stored: Array) -> Vocabulary:
        """The vocabulary from the result of ``to_bytes``."""
        text = stored.astype(np.uint8).tobytes().decode()
        return cls(tuple(text.split("\n")) if text else ())
