"""TrivialAugment: one random operation of random magnitude."""

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
    """Apply one random operation of random magnitude to each image, as of ``rand_augment``.

    There is nothing to tune.  The strengths are the wide ranges of Müller & Hutter,
    "TrivialAugment", ICCV 2021, but translations go up to half of the image instead of 32 pixels.
    """

    moves: ClassVar = True

    fill: Fill = 0.5
    """Fill beyond the border of moved images: a value, ``edge`` or ``reflect``."""

    @property
    def fills(self) -> bool:
        """True, if the fill is a value."""
        return not isinstance(self.fill, str)

    def check(self, sample: Shape, task: Task) -> None:
        """Images with 1 or 3 channels."""
        need_channels(self.kind, sample)

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Apply the operation."""
        return operate(samples, draws, _magnitude(draws), _MOST, self.fill, kernels)

    def follow(self, setting: Setting, following: Following) -> Change:
        """Apply the operation, if it moves pixels."""

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            magnitude = _magnitude(draws)
            return follow(targets, draws, magnitude, _MOST, self.fill, kernels, following)

        return moved


def _magnitude(draws: Draws) -> Array:
    return draws.integers(LEVELS + 1).astype(float)
