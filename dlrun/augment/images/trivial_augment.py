"""One operation of any strength, chosen at random."""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Change, Setting, Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.images.geometric import Fill
from dlrun.augment.images.image import ImageAugmentation, need_channels
from dlrun.augment.images.policy import LEVELS, Strengths, follow, operate
from dlrun.augment.kernels import Kernels

_MOST = Strengths(degrees=135.0, slope=0.99, distance=0.5, factor=0.99, bits=6)


@augmentation("trivial_augment")
class TrivialAugment(ImageAugmentation):
    """Change images by one operation, drawn from those of rand_augment, of a drawn magnitude.

    There is nothing to tune.  The strengths are the wide ones of Müller & Hutter,
    "TrivialAugment", ICCV 2021, but moves end at half of the image, where theirs are up to 32
    pixels of any image.
    """

    moves: ClassVar = True

    fill: Fill = 0.5
    """What lies beyond the border of moved images: a value, ``edge`` or ``reflect``."""

    @property
    def fills(self) -> bool:
        """Beyond a border of one value."""
        return not isinstance(self.fill, str)

    def check(self, sample: Shape, task: Task) -> None:
        """Grey or coloured images."""
        need_channels(self.kind, sample)

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """The one operation."""
        return operate(samples, draws, _magnitude(draws), _MOST, self.fill, kernels)

    def follow(self, setting: Setting, following: Following) -> Change:
        """The operation, if it moves pixels."""

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            magnitude = _magnitude(draws)
            return follow(targets, draws, magnitude, _MOST, self.fill, kernels, following)

        return moved


def _magnitude(draws: Draws) -> Array:
    return draws.integers(LEVELS + 1).astype(float)
