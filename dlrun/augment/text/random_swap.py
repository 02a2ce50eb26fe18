"""Randomly swapped words."""

from __future__ import annotations

from dlrun.augment.augmentation import augmentation
from dlrun.augment.ranges import Level, fixed
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.passage import Passage
from dlrun.augment.text.text import PassageAugmentation


@augmentation("random_swap")
class RandomSwap(PassageAugmentation):
    """Swap random pairs of words (Wei & Zou, "EDA", EMNLP 2019)."""

    share: Level = 0.1
    """Number of swaps, as a fraction of the text's words: a number, or [low, high] to draw from."""

    def edit(self, passage: Passage, random: Generator) -> None:
        """Swap them."""
        words = passage.words
        count = random.share(*fixed(self.share), len(words))
        if len(words) > 1:
            for _ in range(count):
                one, other = random.some(range(len(words)), 2)
                words[one], words[other] = words[other], words[one]
