"""The base of augmentations of texts."""

from __future__ import annotations

import unicodedata
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Task
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.text.generator import Generator
from dlrun.augment.text.passage import Passage
from dlrun.errors import ShapeError


class TextAugmentation(Augmentation):
    """Base class of augmentations of texts, (n,) objects of type ``str``, before tokenization.

    Texts are in the composed form of Unicode (NFC), in which they will be tokenized.
    """

    def check(self, sample: Shape, task: Task) -> None:
        """Texts only."""
        if sample:
            shown = " x ".join(map(str, sample))
            raise ShapeError(f"{self.kind} changes texts; samples are arrays of shape {shown}")

    @property
    def foreign(self) -> bool:
        """Whether code from outside dlrun does the work, which no other process should load."""
        return not type(self).__module__.startswith("dlrun.")

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Change each text."""
        for row, key in enumerate(draws.bits()[:, 0].tolist()):
            text = unicodedata.normalize("NFC", samples[row])
            samples[row] = self.change(text, Generator(key))
        return samples

    def change(self, text: str, random: Generator) -> str:
        """The changed text; never empty unless it was.

        Args:
            text: from the source, in NFC.
            random: the text's own random generator.
        """
        raise NotImplementedError


class PassageAugmentation(TextAugmentation):
    """Base class of augmentations of a text's words.

    Consecutive ones change the same passage: the text is split into words once for all of them.
    """

    keeps_words: ClassVar[bool] = True
    """Whether splitting the changed text would give the words of the changed passage."""

    def edit(self, passage: Passage, random: Generator) -> None:
        """Change a passage; it may only become empty if it was.

        Args:
            passage: of a text in NFC.
            random: the text's own random generator.
        """
        raise NotImplementedError

    def change(self, text: str, random: Generator) -> str:
        """The changed text."""
        passage = Passage(text)
        self.edit(passage, random)
        return str(passage)


class Passages:
    """The texts of a batch, split into words when the first augmentation changes them.

    Args:
        texts: (n,) objects of type ``str``, written by ``close``.
    """

    def __init__(self, texts: Array) -> None:
        self._texts = texts
        self._open: dict[int, Passage] = {}

    def edit(self, augmentation: PassageAugmentation, chosen: Array, draws: Draws) -> None:
        """Change some texts.

        Args:
            augmentation: changes them.
            chosen: (n,) bool, which ones.
            draws: of these.
        """
        rows = np.flatnonzero(chosen).tolist()
        for row, key in zip(rows, draws.bits()[:, 0].tolist(), strict=True):
            passage = self._open.get(row)
            if passage is None:
                passage = self._open[row] = _split(self._texts[row])
            augmentation.edit(passage, Generator(key))
            if not augmentation.keeps_words:
                self._texts[row] = str(self._open.pop(row))

    def close(self) -> None:
        """Write the changed texts."""
        for row, passage in self._open.items():
            self._texts[row] = str(passage)


def _split(text: str) -> Passage:
    return Passage(unicodedata.normalize("NFC", text))
