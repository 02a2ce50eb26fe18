"""Images with few grey levels."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.images.pixels import levels
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import ascending

Bits = Annotated[int, Field(ge=1, le=8)]


@augmentation("posterize")
class Posterize(ImageAugmentation):
    """Posterize: keep only the highest of each value's 8 bits."""

    bits: Annotated[Bits | tuple[Bits, Bits], AfterValidator(ascending)] = (4, 8)
    """Bits to keep: a number, or [lowest, highest] to draw from."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Drop the others."""
        least, most = self.bits if isinstance(self.bits, tuple) else (self.bits, self.bits)
        return posterized(samples, least + draws.integers(most - least + 1))


def posterized(images: Array, bits: Array) -> Array:
    """Images with only (n,) bits left, a new array."""
    dropped = 8 - bits[:, None, None, None]
    kept = levels(images) >> dropped << dropped
    return np.asarray(kept.astype(np.float32) / np.float32(255))
