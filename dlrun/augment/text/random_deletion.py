"""Randomly deleted words."""

from __future__ import annotations

from dlrun.augment.augmentation import augmentation
from dlrun.augment.ranges import Level, fixed
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.passage import Passage
from dlrun.augment.text.text import PassageAugmentation


@augmentation("random_deletion")
class RandomDeletion(PassageAugmentation):
    """Delete each word with some probability (Wei & Zou, "EDA", EMNLP 2019).

    At least one word remains.
    """

    share: Level = 0.1
    """Probability, and so the mean fraction of deleted words: a number, or [low, high] to draw
    from."""

    def edit(self, passage: Passage, random: Generator) -> None:
        """Delete words."""
        share = random.uniform(*fixed(self.share))
        gone = random.hits(len(passage.words), share)
        if gone and len(gone) == len(passage.words):
            gone.remove(random.one(gone))
        for place in reversed(gone):
            passage.remove(place)
