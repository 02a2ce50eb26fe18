"""Enlarged crops."""

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
    """Crop a random part of images and resize it to their size (Szegedy et al., CVPR 2015)."""

    area: Annotated[tuple[Portion, Portion], AfterValidator(ascending)] = (0.5, 1.0)
    """Smallest and largest area of the crop, as a fraction of the image's."""
    ratio: Annotated[tuple[Positive, Positive], AfterValidator(ascending)] = (0.75, 1.3333)
    """Smallest and largest aspect ratio of the crop (width / height), relative to the image's."""

    @property
    def fills(self) -> bool:
        """False: the crop is inside the image."""
        return False

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """The crop, stretched from edge to edge."""
        area = draws.uniform(*self.area)
        ratio = np.exp(draws.uniform(*np.log(self.ratio).tolist()))
        across = np.minimum(np.sqrt(area * ratio), 1.0)
        down = np.minimum(np.sqrt(area / ratio), 1.0)
        found = np.tile(np.eye(3), (len(draws), 1, 1))
        for axis, (scale, length) in enumerate(((across, width), (down, height))):
            start = draws.uniform() * (1.0 - scale) * length
            found[:, axis, axis] = scale
            # Edges are half a pixel beyond the centres of the outermost pixels.
            found[:, axis, 2] = start + scale / 2 - 0.5
        return found
