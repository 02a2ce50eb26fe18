"""RandAugment: several random operations of one magnitude."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Change, Setting, Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.images.geometric import Fill
from dlrun.augment.images.image import ImageAugmentation, need_channels
from dlrun.augment.images.policy import LEVELS, Strengths, follow, operate
from dlrun.augment.kernels import Kernels

_MOST = Strengths(degrees=30.0, slope=0.3, distance=0.45, factor=0.9, bits=4)


@augmentation("rand_augment")
class RandAugment(ImageAugmentation):
    """Apply several random operations of the same magnitude to each image.

    Each is drawn from: none, auto contrast, equalize, rotate, solarize, posterize, contrast,
    brightness, sharpness, shear and translate along either axis and, for colour images, saturation.
    Cubuk et al., "RandAugment", NeurIPS 2020.
    """

    moves: ClassVar = True

    operations: PositiveInt = 2
    """Number of operations per image."""
    magnitude: Annotated[float, Field(ge=0.0, le=LEVELS)] = 9.0
    """Strength, 0 to 30: 30 rotates by 30 degrees, moves by 0.45 of the width, multiplies contrast
    by 1.9 or 0.1."""
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
        """Apply one operation after the other."""
        magnitude = np.full(len(samples), self.magnitude)
        for _ in range(self.operations):
            samples = operate(samples, draws, magnitude, _MOST, self.fill, kernels)
        return samples

    def follow(self, setting: Setting, following: Following) -> Change:
        """Apply those of the operations that move pixels."""

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            magnitude = np.full(len(targets), self.magnitude)
            for _ in range(self.operations):
                targets = follow(targets, draws, magnitude, _MOST, self.fill, kernels, following)
            return targets

        return moved
