"""Texts in other words."""

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

RuleName = Literal["phrases", "contractions", "voice", "clauses"]

_OURS: dict[str, Rule] = {"contractions": contractions, "voice": voice, "clauses": clauses}
_ENDS = re.compile(r"([.!?]+)(?:\s+|$)")
RULES = "rules"


@augmentation("paraphrase")
class Paraphrase(TextAugmentation):
    """Paraphrase texts, by rules for English or with an installed paraphraser.

    ``phrases`` replaces phrases from a table; ``contractions`` swaps *do not* and *don't*;
    ``voice`` swaps active and passive; ``clauses`` swaps the order of clauses with if, because and
    similar conjunctions.  A rule is applied only if the result is certain to be correct, so many
    sentences stay unchanged.
    """

    share: Level = 0.5
    """Fraction of the positions where a rule applies that are changed or, with a paraphraser, of
    the texts: a number, or [low, high] to draw from."""
    rules: Annotated[tuple[RuleName, ...], Field(min_length=1)] = (
        "phrases",
        "contractions",
        "voice",
        "clauses",
    )
    """The rules to use, in order."""
    phrases: Annotated[str, Field(min_length=1)] = COMMON
    """``common`` for the built-in table, or a text file with lines such as ``despite = in spite
    of``, or ``in order to > to`` for one direction only; a relative path starts at the spec's
    folder."""
    by: Annotated[str, Field(min_length=1)] = RULES
    """``rules``, or the name of a paraphraser that a package installs as an entry point of
    ``dlrun.paraphrasers``: a function of a text and a seed that returns a text."""

    @property
    def foreign(self) -> bool:
        """True with an installed paraphraser."""
        return self.by != RULES

    def check(self, sample: Shape, task: Task) -> None:
        """Texts only, and an available table or paraphraser."""
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
        """Paraphrase."""
        share = random.uniform(*fixed(self.share))
        if self.by != RULES:
            seed = random.bits()
            made = paraphraser(self.by)(text, seed) if random.chance(share) else text
            return made if made.strip() else text

        def chance() -> bool:
            return random.chance(share)

        sentences = _sentences(text)
        for name in self.rules:
            rule = read_phrases(self.phrases) if name == "phrases" else _OURS[name]
            changed = [rule(each, chance) for each in sentences]
            if changed != sentences:
                text = "".join(changed)
                sentences = _sentences(text)
        return text


def _sentences(text: str) -> list[str]:
    """The sentences of a text, each with the whitespace after it."""
    found, start = [], 0
    for end in _ENDS.finditer(text):
        if end.end(1) - start > 1:  # a single mark is no sentence
            found.append(text[start : end.end()])
            start = end.end()
    return [*found, text[start:]] if start < len(text) else found
