"""Words replaced by synonyms."""

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
from dlrun.lexicon.words import like


@augmentation("synonym_replacement")
class SynonymReplacement(PassageAugmentation):
    """Replace words by synonyms (Wei & Zou, "EDA", EMNLP 2019).

    The words are drawn from those with synonyms; capitalization is kept.  If a text has fewer such
    words than ``share`` asks for, all of them are replaced.
    """

    share: Level = 0.1
    """Number of replacements, as a fraction of the text's words: a number, or [low, high] to draw
    from."""
    synonyms: Name = "common"
    """The table of synonyms: ``common``, the built-in one with 2,200 words; ``wordnet``, if WordNet
    is installed; the folder of WordNet's files; or a text file with words of one meaning per line,
    e.g. ``big, large``. A relative path starts at the spec's folder."""

    def check(self, sample: Shape, task: Task) -> None:
        """Texts only, and a readable table."""
        super().check(sample, task)
        read_synonyms(self.synonyms)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"synonyms": anchored(self.synonyms, folder)})

    def edit(self, passage: Passage, random: Generator) -> None:
        """Replace them."""
        words, table = passage.words, read_synonyms(self.synonyms)
        count = random.share(*fixed(self.share), len(words))
        for place in random.some(table.places(words), count):
            words[place] = like(random.one(table.of(words[place])), words[place])
