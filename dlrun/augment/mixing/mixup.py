"""Mixup: weighted means of two samples."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.augmentation import Mixing, augmentation
from dlrun.augment.draws import Draws

Alpha = Annotated[float, Field(gt=0.0, le=4.0)]
"""Both parameters of a symmetric beta distribution."""


@augmentation("mixup")
class Mixup(Mixing):
    """Replace a sample and its target by the weighted mean with another sample and its target.

    The weight is drawn from the beta distribution (Zhang et al., ICLR 2018).  The other sample is a
    random one of the training set, after the augmentations before this one.
    """

    alpha: Alpha = 0.2
    """Both parameters of the beta distribution; near 0: mostly one of the two samples, 1:
    uniform."""

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Average with the drawn weights."""
        weight = draws.beta(self.alpha).astype(np.float32)
        return weighted(samples, others, weight), weighted(targets, others_targets, weight)


def weighted(first: Array, second: Array, weight: Array) -> Array:
    """weight first + (1 - weight) second, with (n,) weights, in the more precise of their dtypes.

    For float64 values both weights must be float64, too, otherwise they do not sum to 1.
    """
    share = weight.astype(np.result_type(first, weight)).reshape(-1, *[1] * (first.ndim - 1))
    return np.asarray(share * first + (1 - share) * second)
