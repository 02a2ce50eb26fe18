"""The same in other words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field

from dlrun.arrays import Shape
from dlrun.augment.augmentation import Task, augmentation
from dlrun.augment.ranges import Level, fixed
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.paraphrasers import paraphraser
from dlrun.augment.text.rules.clauses import clauses
from dlrun.augment.text.rules.contractions import contractions
from dlrun.augment.text.rules.phrases import COMMON, read_phrases
from dlrun.augment.text.rules.rule import Rule
from dlrun.augment.text.rules.voice import voice
from dlrun.augment.text.text import TextAugmentation

Kind = Literal["phrases", "contractions", "voice", "clauses"]

_OURS: dict[str, Rule] = {"contractions": contractions, "voice": voice, "clauses": clauses}
_SENTENCES = re.compile(r".+?(?:[.!?]+(?=\s|$)\s*|$)", re.DOTALL)
RULES = "rules"


@augmentation("paraphrase")
class Paraphrase(TextAugmentation):
    """Say the same in other words, by rules for English or by an installed paraphraser.

    ``phrases`` go by a table; ``contractions`` are do not and don't; ``voice`` is active and
    passive; ``clauses`` change places around if, because and the like.  A rule changes only what is
    certain to stay right, so many sentences stay as they are.
    """

    share: Level = 0.5
    """Of the places where a rule applies, how many it changes, or, of a paraphraser, how many
    texts: a number, or [low, high] to draw from."""
    rules: Annotated[tuple[Kind, ...], Field(min_length=1)] = (
        "phrases",
        "contractions",
        "voice",
        "clauses",
    )
    """Which rules, in order."""
    phrases: Annotated[str, Field(min_length=1)] = COMMON
    """``common`` for our own table, or a text file with a line such as ``despite = in spite of``,
    or ``in order to > to`` for one way; a relative path starts at the spec's folder."""
    by: Annotated[str, Field(min_length=1)] = RULES
    """``rules``, or the name of a paraphraser that a package brings as an entry point of
    ``dlrun.paraphrasers``; it takes a text and a seed and gives a text."""

    def check(self, sample: Shape, task: Task) -> None:
        """Texts, and a table or a paraphraser that can be had."""
        super().check(sample, task)
        read_phrases(self.phrases)
        if self.by != RULES:
            paraphraser(self.by)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        if self.phrases == COMMON:
            return self
        return self.model_copy(update={"phrases": str((folder / self.phrases).absolute())})

    def change(self, text: str, random: Generator) -> str:
        """Say it anew."""
        share = random.uniform(*fixed(self.share))
        if self.by != RULES:
            seed = random.bits()
            made = paraphraser(self.by)(text, seed) if random.chance(share) else text
            return made if made.strip() else text
        for name in self.rules:
            rule = read_phrases(self.phrases) if name == "phrases" else _OURS[name]
            sentences = _SENTENCES.findall(text)
            text = "".join(rule(each, lambda: random.chance(share)) for each in sentences)
        return text
