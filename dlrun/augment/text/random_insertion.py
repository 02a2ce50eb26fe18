"""Randomly inserted synonyms."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from dlrun.arrays import Shape
from dlrun.augment.augmentation import Task, augmentation
from dlrun.augment.ranges import Level, fixed
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.passage import Passage
from dlrun.augment.text.text import PassageAugmentation
from dlrun.lexicon.synonyms import Name, anchored, read_synonyms


@augmentation("random_insertion")
class RandomInsertion(PassageAugmentation):
    """Insert synonyms of a text's words at random positions (Wei & Zou, "EDA", EMNLP 2019)."""

    share: Level = 0.1
    """Number of insertions, as a fraction of the text's words: a number, or [low, high] to draw
    from."""
    synonyms: Name = "common"
    """The table of synonyms, as for ``synonym_replacement``."""

    def check(self, sample: Shape, task: Task) -> None:
        """Texts only, and a readable table."""
        super().check(sample, task)
        read_synonyms(self.synonyms)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"synonyms": anchored(self.synonyms, folder)})

    def edit(self, passage: Passage, random: Generator) -> None:
        """Insert words."""
        table = read_synonyms(self.synonyms)
        count = random.share(*fixed(self.share), len(passage.words))
        known = [passage.words[place] for place in table.places(passage.words)]
        for _ in range(count if known else 0):
            word = random.one(table.of(random.one(known)))
            passage.insert(random.below(len(passage.words) + 1), word)
