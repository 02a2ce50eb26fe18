"""Moved images."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, shift
from dlrun.augment.ranges import Part


@augmentation("translate")
class Translate(Geometric):
    """Move what images show, by any part of a pixel; ``crop`` moves by whole ones."""

    distance: Part = 0.1
    """The farthest, in each direction, as a part of height and width."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """Move back."""
        x, y = (draws.uniform(-self.distance, self.distance) for _ in range(2))
        return shift(width * x, height * y)
