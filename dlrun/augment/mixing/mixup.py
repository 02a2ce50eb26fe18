"""Means of two samples."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.augmentation import Mixing, augmentation
from dlrun.augment.draws import Draws

Alpha = Annotated[float, Field(gt=0.0, le=4.0)]
"""Both parameters of a beta distribution."""


@augmentation("mixup")
class Mixup(Mixing):
    """Take a weighted mean of a sample and another one, and of their targets.

    The weight is drawn from the beta distribution (Zhang et al., ICLR 2018).  The other one is any
    sample of the training part, behind the augmentations before this one.
    """

    alpha: Alpha = 0.2
    """Both parameters of the distribution: near 0 mostly one of the two, 1 any mixture alike."""

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Weigh both."""
        weight = draws.beta(self.alpha).astype(np.float32)
        return weighted(samples, others, weight), weighted(targets, others_targets, weight)


def weighted(first: Array, second: Array, weight: Array) -> Array:
    """weight first + (1 - weight) second, with (n,) weights, in the more exact of their types.

    Both weights of float64 values have to be float64 as well, or they do not add up to 1.
    """
    share = weight.astype(np.result_type(first, weight)).reshape(-1, *[1] * (first.ndim - 1))
    return np.asarray(share * first + (1 - share) * second)
