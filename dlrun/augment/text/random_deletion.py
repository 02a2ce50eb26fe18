"""Randomly deleted words."""

from __future__ import annotations

from dlrun.augment.augmentation import augmentation
from dlrun.augment.ranges import Level, fixed
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.passage import Passage
from dlrun.augment.text.text import TextAugmentation


@augmentation("random_deletion")
class RandomDeletion(TextAugmentation):
    """Delete each word with some probability (Wei & Zou, "EDA", EMNLP 2019).

    At least one word remains.
    """

    share: Level = 0.1
    """Probability, and so the mean fraction of deleted words: a number, or [low, high] to draw
    from."""

    def change(self, text: str, random: Generator) -> str:
        """Delete words."""
        passage = Passage(text)
        share = random.uniform(*fixed(self.share))
        gone = [place for place in range(len(passage.words)) if random.chance(share)]
        if gone and len(gone) == len(passage.words):
            gone.remove(random.one(gone))
        for place in reversed(gone):
            passage.remove(place)
        return str(passage)
