"""Shifted images."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.geometric import Geometric, shift
from dlrun.augment.ranges import Proportion


@augmentation("translate")
class Translate(Geometric):
    """Shift images by any distance, including fractions of a pixel; ``crop`` uses whole pixels."""

    distance: Proportion = 0.1
    """Maximum shift in each direction, as a fraction of height and width."""

    def inverse(self, draws: Draws, height: int, width: int) -> Array:
        """Shift back."""
        x, y = (draws.uniform(-self.distance, self.distance) for _ in range(2))
        return shift(width * x, height * y)
