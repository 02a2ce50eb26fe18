"""Texts become sequences of whole numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.preprocessor import Columns, Preprocess, State, preprocess
from dlrun.data.vocabulary import RULES, Cutting, Keep, Unit, Vocabulary
from dlrun.lexicon.synonyms import Name, anchored, read_synonyms


@dataclass(frozen=True)
class Tokenized:
    """The step with its vocabulary."""

    cutting: Cutting
    vocabulary: Vocabulary
    length: int
    keep: Keep

    @property
    def columns(self) -> Columns:
        """Sequences are no table."""
        return None

    def apply(self, inputs: Array) -> Array:
        """(n,) texts to (n, length) float32."""
        result = np.empty((len(inputs), self.length), np.float32)
        for row, text in zip(result, inputs, strict=True):
            self.vocabulary.encode(self.cutting.tokens(text), self.keep, row)
        return result


@preprocess("tokenize")
class Tokenize(Preprocess):
    r"""Cut texts into tokens and give each token its number in a vocabulary.

    A token is a word or a punctuation mark, what the regular expression
    ``\w+(?:'\w+)*|[^\w\s]`` finds: ``Don't go, now!`` is ``don't``, ``go``, ``,``, ``now``, ``!``;
    curved apostrophes count as straight ones.  Accents and vowel signs belong to their letters in
    all scripts, whether a text has them composed or not (it is brought to NFC), and an emoji is one
    token with all that is joined to it.  The vocabulary has the tokens of the training part
    from the most frequent on; 0 is padding, 1 any token that is not in it.  Shorter texts are
    filled up at their end: give ``embedding`` the ``padding`` 0, and layers over time leave it out.

    ``${vocabulary}`` is how many numbers there are.
    """

    takes_texts: ClassVar = True

    length: PositiveInt | None = None
    """Tokens in a sample; null for those of the longest text of the training part."""
    vocabulary: Annotated[int, Field(ge=3)] = 10_000
    """Numbers there may be at most, padding and unknown included."""
    min_count: PositiveInt = 1
    """How often a token must occur in the training part to have a number of its own."""
    unit: Unit = "word"
    """``word``, or ``character``: then every character is a token, with its accents and vowel
    signs, and several blanks are one."""
    lower: bool = True
    """Make all letters small."""
    keep: Keep = "start"
    """Which end of a longer text is kept, ``start`` or ``end``."""
    synonyms: Name | None = None
    """A table whose synonyms of known words are known as well, so that the network can learn them
    where augmentation brings them in; named as that of synonym_replacement."""

    @model_validator(mode="after")
    def _words_have_synonyms(self) -> Tokenize:
        if self.unit == "character" and self.synonyms is not None:
            raise ValueError("characters have no synonyms; remove 'synonyms' or cut into words")
        return self

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        if self.synonyms is None:
            return self
        return self.model_copy(update={"synonyms": anchored(self.synonyms, folder)})

    def measure(self, train: Dataset) -> State:
        """Vocabulary and length."""
        cutting = Cutting(self.unit, self.lower)
        texts = [cutting.tokens(text) for text in np.asarray(train.inputs)]
        table = None if self.synonyms is None else read_synonyms(self.synonyms)
        vocabulary = Vocabulary.of(texts, self.vocabulary, self.min_count, table)
        length = self.length or max(map(len, texts))
        return {
            "vocabulary": vocabulary.to_bytes(),
            "length": np.array(length),
            "rules": np.array(RULES),
        }

    def restore(self, columns: Columns, state: State) -> Tokenized:
        """The step with its vocabulary."""
        vocabulary = Vocabulary.from_bytes(state["vocabulary"])
        cutting = Cutting(self.unit, self.lower, int(state.get("rules", 1)))
        return Tokenized(cutting, vocabulary, int(state["length"]), self.keep)
