"""What augmentations of texts share."""

from __future__ import annotations

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Task
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.text.generator import Generator
from dlrun.errors import ShapeError


class TextAugmentation(Augmentation):
    """The root of those that change texts, (n,) objects of type ``str``, before they are tokens."""

    def check(self, sample: Shape, task: Task) -> None:
        """Texts only."""
        if sample:
            shown = " x ".join(map(str, sample))
            raise ShapeError(f"{self.kind} changes texts; samples are {shown} numbers")

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Change one after another."""
        for row, key in enumerate(draws.bits()[:, 0].tolist()):
            samples[row] = self.change(samples[row], Generator(key))
        return samples

    def change(self, text: str, random: Generator) -> str:
        """The text, changed; never empty where it was not.

        Args:
            text: as the source gives it.
            random: random numbers of its own.
        """
        raise NotImplementedError
