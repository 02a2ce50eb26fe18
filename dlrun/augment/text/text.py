"""The base of augmentations of texts."""

from __future__ import annotations

import unicodedata

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Task
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.text.generator import Generator
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
