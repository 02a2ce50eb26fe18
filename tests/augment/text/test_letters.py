from __future__ import annotations

import re
from itertools import product

import pytest

from dlrun.augment.text.rules.clauses import clauses
from dlrun.augment.text.rules.contractions import PAIRS, contractions
from dlrun.augment.text.rules.phrases import COMMON, read_phrases
from dlrun.augment.text.rules.rule import Rule
from dlrun.augment.text.rules.voice import voice

ALIKE = {"i": "\u0130\u0131", "s": "\u017f", "k": "\u212a"}
"""Letters that a pattern without regard to case takes for the ones before them."""

SENTENCES: dict[Rule, list[str]] = {
    contractions: [f"So {form} now here." for pair in PAIRS.items() for form in pair],
    read_phrases(COMMON): [
        "In spite of the rain, in order to ask, it is as soon as possible.",
        "At the same time this is a kind of risk.",
    ],
    voice: [
        "The sick king kissed his sister.",
        "His sister was kissed by the king.",
        "The skier washed a kitchen.",
        "A kitchen was washed by the skier.",
    ],
    clauses: ["If it is risky, she sits inside.", "She sits because it is risky."],
}


@pytest.mark.parametrize("rule", SENTENCES, ids=["contractions", "phrases", "voice", "clauses"])
def test_letters_that_resemble_others_are_no_error(rule: Rule) -> None:
    changed = 0
    for sentence in SENTENCES[rule]:
        for letter, others in ALIKE.items():
            for at, other in product(re.finditer(letter, sentence, re.IGNORECASE), others):
                text = sentence[: at.start()] + other + sentence[at.end() :]
                found = rule(text, lambda: True)
                assert found.strip()
                assert rule(text, lambda: False) == text
                changed += found != text
    assert changed  # elsewhere in the sentence, or where the letter does not matter
