"""Enlarged parts of images."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric
from dlrun.augment.ranges import ascending
from dlrun.spec.fields import Positive

Portion = Annotated[float, Field(gt=0.0, le=1.0)]


@augmentation("resized_crop")
class ResizedCrop(Geometric):
    """Cut out a random part of images and enlarge it to their size (Szegedy et al., CVPR 2015)."""

    area: Annotated[tuple[Portion, Portion], AfterValidator(ascending)] = (0.5, 1.0)
    """Least and greatest part of the image's area."""
    ratio: Annotated[tuple[Positive, Positive], AfterValidator(ascending)] = (0.75, 1.3333)
    """Least and greatest width of the part over its height, against those of the image."""

    @property
    def fills(self) -> bool:
        """The part lies within the image."""
        return False

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The part, stretched from edge to edge."""
        area = draws.uniform(*self.area)
        ratio = np.exp(draws.uniform(*np.log(self.ratio).tolist()))
        across = np.minimum(np.sqrt(area * ratio), 1.0)
        down = np.minimum(np.sqrt(area / ratio), 1.0)
        found = np.tile(np.eye(3), (len(draws), 1, 1))
        for axis, (scale, length) in enumerate(((across, width), (down, height))):
            start = draws.uniform() * (1.0 - scale) * length
            found[:, axis, axis] = scale
            # Edges lie half a pixel beyond the centres of the outermost pixels.
            found[:, axis, 2] = start + scale / 2 - 0.5
        return found
