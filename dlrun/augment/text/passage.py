"""A text as words and the gaps between them."""

from __future__ import annotations

from dlrun.lexicon.words import parted


class Passage:
    """The words of a text, which can be changed, removed and inserted; the gaps stay.

    Args:
        text: any, in NFC.

    Attributes:
        words: in order.
        gaps: whitespace and punctuation before the first word, between words, and after the last.
    """

    def __init__(self, text: str) -> None:
        parts = parted(text)
        self.words: list[str] = parts[1::2]
        self.gaps: list[str] = parts[::2]

    def __str__(self) -> str:
        parts = [""] * (2 * len(self.words) + 1)
        parts[::2], parts[1::2] = self.gaps, self.words
        return "".join(parts)

    def insert(self, place: int, word: str) -> None:
        """Insert a word before the one at an index; the index can be the end."""
        gap = self.gaps[place]
        at_end = place == len(self.words) and place > 0
        self.gaps[place : place + 1] = [" ", gap] if at_end else [gap, " "]
        self.words.insert(place, word)

    def remove(self, place: int) -> None:
        """Remove the word at an index; the punctuation around it stays."""
        before, after = self.gaps[place : place + 2]
        if place == 0:
            gap = before + after.lstrip()
        elif place == len(self.words) - 1:
            gap = before.rstrip() + after
        elif before.isspace():
            gap = after
        else:
            gap = before if after.isspace() else before.rstrip() + after
        self.gaps[place : place + 2] = [gap]
        del self.words[place]
