"""What augmentations of texts share."""

from __future__ import annotations

import unicodedata

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Task
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.text.generator import Generator
from dlrun.errors import ShapeError


class TextAugmentation(Augmentation):
    """The root of those that change texts, (n,) objects of type ``str``, before they are tokens.

    Texts come in the composed form of Unicode (NFC), in which they will be cut into tokens.
    """

    def check(self, sample: Shape, task: Task) -> None:
        """Texts only."""
        if sample:
            shown = " x ".join(map(str, sample))
            raise ShapeError(f"{self.kind} changes texts; samples are {shown} numbers")

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Change one after another."""
        for row, key in enumerate(draws.bits()[:, 0].tolist()):
            text = unicodedata.normalize("NFC", samples[row])
            samples[row] = self.change(text, Generator(key))
        return samples

    def change(self, text: str, random: Generator) -> str:
        """The text, changed; never empty where it was not.

        Args:
            text: as the source gives it, in NFC.
            random: random numbers of its own.
        """
        raise NotImplementedError
