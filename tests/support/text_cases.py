"""Augmentations of texts that drive every test that all of them must pass, and texts for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.text.paraphrase import Paraphrase
from dlrun.augment.text.random_deletion import RandomDeletion
from dlrun.augment.text.random_insertion import RandomInsertion
from dlrun.augment.text.random_swap import RandomSwap
from dlrun.augment.text.synonym_replacement import SynonymReplacement
from dlrun.augment.text.text import TextAugmentation
from dlrun.augment.text.typos import Typos

CASES: list[TextAugmentation] = [
    SynonymReplacement(share=0.4),
    SynonymReplacement(share=(0.2, 1.0)),
    RandomInsertion(share=0.4),
    RandomSwap(share=0.4),
    RandomDeletion(share=0.4),
    Typos(share=0.5, kinds=("neighbour", "swap", "drop", "double")),
    Paraphrase(share=0.5),
    Paraphrase(rules=("contractions",)),
]
"""Each augmentation, of a strength that shows."""

STILL = [case.model_copy(update={"share": zero}) for case in CASES for zero in (0.0, (0.0, 0.0))]
"""The same without any strength."""

_WRITTEN = [
    "The big film was great, and I don't regret it!",
    "If the story is dull, we leave early.",
    "The dog ate the cake.",
    "In spite of the rain a lot of people came.",
    "word",
    "!!!",
    "a b",
    "Ünïcode wörds — “quoted”, naïve… 日本語 and 🙂",
    "  blanks \t and\n\nlines  ",
    "HE DOES NOT LIKE BORING BOOKS",
    "We've seen it; they're happy because they won.",
]

FORTUNES = Path("/usr/share/games/fortunes")
"""Debian's, where they are installed."""


def objects(texts: list[str]) -> Array:
    result = np.empty(len(texts), dtype=object)
    result[:] = texts
    return result


def texts() -> Array:
    """Written ones, and sentences of random words."""
    random = np.random.default_rng(11)
    words = ["good", "film", "quickly", "the", "is", "not", "terrible", "house", "of", "begin"]
    made = [" ".join(random.choice(words, size)).capitalize() + "." for size in range(1, 20)]
    return objects(_WRITTEN + made)
