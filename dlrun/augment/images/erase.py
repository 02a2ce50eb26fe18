"""Images with an erased box."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator

from dlrun.arrays import Array
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.boxes import boxes
from dlrun.augment.images.image import ImageAugmentation
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Level, Probability, Proportion, ascending, fixed
from dlrun.spec.fields import Positive


@augmentation("erase", "cutout")
class Erase(ImageAugmentation):
    """Erase a random box (DeVries & Taylor 2017; Zhong et al., AAAI 2020)."""

    area: Level = (0.02, 0.25)
    """Area as a fraction of the image, if it is inside: a number, or [low, high] to draw from."""
    ratio: Annotated[tuple[Positive, Positive], AfterValidator(ascending)] = (0.5, 2.0)
    """Smallest and largest aspect ratio of the box, width / height."""
    value: Proportion | Literal["mean", "noise"] = 0.0
    """Fill value: a number, ``mean`` of each channel in the image, or uniform ``noise``."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Fill the boxes."""
        height, width = samples.shape[1:3]
        size = np.sqrt(draws.uniform(*fixed(self.area)) * height * width)
        root = np.sqrt(np.exp(draws.uniform(*np.log(self.ratio).tolist())))
        inside = boxes(draws, size * root, size / root, height, width)
        filling: Array | float
        if self.value == "mean":
            filling = samples.mean(axis=(1, 2), keepdims=True)
        elif self.value == "noise":
            bits = draws.bits(int(np.prod(samples.shape[1:]))) >> np.uint64(40)
            filling = (bits * np.float64(2.0**-24)).astype(np.float32).reshape(samples.shape)
        else:
            filling = self.value
        return np.where(inside, filling, samples)
