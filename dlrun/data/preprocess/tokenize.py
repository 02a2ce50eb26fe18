"""Tokenization: texts become sequences of integers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, PositiveInt, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.base import Columns, Preprocess, State, preprocess
from dlrun.data.vocabulary import RULES, Cutting, Keep, Unit, Vocabulary
from dlrun.lexicon.synonyms import Name, anchored, read_synonyms


@dataclass(frozen=True)
class Tokenized:
    """The fitted step with its vocabulary."""

    cutting: Cutting
    vocabulary: Vocabulary
    length: int
    keep: Keep

    @property
    def columns(self) -> Columns:
        """None, because sequences are not a table."""
        return None

    def apply(self, inputs: Array) -> Array:
        """(n,) texts to (n, length) float32."""
        result = np.empty((len(inputs), self.length), np.float32)
        for row, text in zip(result, inputs, strict=True):
            self.vocabulary.encode(self.cutting.tokens(text), self.keep, row)
        return result


@preprocess("tokenize")
class Tokenize(Preprocess):
    r"""Split texts into tokens and replace each token by its index in a vocabulary.

    A token is a word or a punctuation mark, a match of the regular expression
    ``\w+(?:'\w+)*|[^\w\s]``: ``Don't go, now!`` is ``don't``, ``go``, ``,``, ``now``, ``!``;
    curved apostrophes are treated as straight ones.  Accents and vowel signs belong to their
    letters in all scripts, composed or not (texts are normalized to NFC), and an emoji is one
    token with everything joined to it.  The vocabulary contains the most frequent tokens of the
    training set; 0 is padding and 1 any token outside the vocabulary.  Shorter texts are padded at
    the end; ``embedding: {padding: 0}`` makes later layers ignore the padding.

    ``${vocabulary}`` is the size of the vocabulary.
    """

    takes_texts: ClassVar = True

    length: PositiveInt | None = None
    """Tokens per sample; null for the length of the longest text of the training set."""
    vocabulary: Annotated[int, Field(ge=3)] = 10_000
    """Maximum size of the vocabulary, including padding and unknown tokens."""
    min_count: PositiveInt = 1
    """Minimum number of occurrences in the training set; rarer tokens are unknown."""
    unit: Unit = "word"
    """``word``, or ``character``: every character is a token, with its accents and vowel signs;
    runs of white space count as one blank."""
    lower: bool = True
    """Convert letters to lower case."""
    keep: Keep = "start"
    """The part of a longer text that is kept, ``start`` or ``end``."""
    synonyms: Name | None = None
    """A table of synonyms that are added to the vocabulary for the words in it, so that the network
    can learn them from synonym_replacement; named as in that augmentation."""

    @model_validator(mode="after")
    def _words_have_synonyms(self) -> Tokenize:
        if self.unit == "character" and self.synonyms is not None:
            raise ValueError("characters have no synonyms; remove 'synonyms' or set unit to word")
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
        """The fitted step with its vocabulary.

        Raises:
            ValueError: texts cannot have its length.
        """
        if int(state["length"]) < 1:
            raise ValueError(f"texts of {int(state['length'])} tokens are not possible")
        vocabulary = Vocabulary.from_bytes(state["vocabulary"])
        cutting = Cutting(self.unit, self.lower, int(state.get("rules", 1)))
        return Tokenized(cutting, vocabulary, int(state["length"]), self.keep)
