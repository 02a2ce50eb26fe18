"""English sentences of common words, with phrases and short forms that paraphrases change."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import dlrun.lexicon
from benchmarks.works import Array
from dlrun.augment.text.rules.contractions import PAIRS
from dlrun.lexicon.lines import lines
from dlrun.lexicon.words import FUNCTION_WORDS

_PARTS = ("in spite of", "in order to", "a lot of", "at the same time", "because", *sorted(PAIRS))


def texts(count: int) -> Array:
    """(count,) texts of 18 words on average, always the same."""
    random = np.random.default_rng(0)
    table = Path(dlrun.lexicon.__file__).with_name("common.txt")
    content = [word.strip() for _, line in lines(table) for word in line.split(",")]
    kinds = (content, sorted(FUNCTION_WORDS), _PARTS)
    found = np.empty(count, object)
    for row in range(count):
        words: list[str] = []
        for _ in range(random.integers(8, 26)):
            kind = kinds[random.choice(3, p=(0.4, 0.53, 0.07))]
            words += kind[random.integers(len(kind))].split()
        words[len(words) // 2] += ","
        found[row] = " ".join(words).capitalize() + "."
    return found
