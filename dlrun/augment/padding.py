"""Which steps of augmented series are padding, for networks with masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Mixing, Setting
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.kernels import Kernels


class ValidSteps:
    """Tracks the valid steps (no padding) through augmentations, with the same draws.

    Padding moves with the samples, and values that enter at the ends are padding.  A mean of two
    samples has the length of the longer one.

    Args:
        augmentations: in order, as for an ``Augmenter``.
        seed: the run's.
        read: maps (n,) rows of the training set to (n, length) bool, which may be overwritten.
        samples: number of samples in the training set.
        kernels: fast loops.
        setting: properties of the experiment.
        length: steps of a sample.
    """

    def __init__(
        self,
        augmentations: Sequence[Augmentation],
        seed: int,
        read: Callable[[Array], Array],
        samples: int,
        kernels: Kernels,
        setting: Setting,
        length: int,
    ) -> None:
        self._seed, self._read, self._samples, self._kernels = seed, read, samples, kernels
        steps = Following("classes", (length, 1))
        self._changes = [
            (each, None if isinstance(each, Mixing) else each.follow(setting, steps))
            if each.moves or isinstance(each, Mixing)
            else None
            for each in augmentations
        ]

    def __call__(self, epoch: int, visits: Array) -> Array:
        """The valid steps of the samples of an epoch, (n, length) bool.

        Args:
            epoch: counts from 1.
            visits: (n,) rows of the training set, numbered as for an ``Augmenter``.
        """
        return self._after(len(self._changes), epoch, visits)

    def _after(self, count: int, epoch: int, visits: Array) -> Array:
        """The valid steps after the first so many augmentations."""
        valid = self._read(visits % self._samples)
        for position, change in enumerate(islice(self._changes, count)):
            if change is None:
                continue
            each, follow = change
            draws = Draws.of(self._seed, epoch, position, visits)
            chosen = draws.chance(each.probability)
            if not chosen.any():
                continue
            draws = draws.some(chosen)
            if follow is None:
                valid[chosen] |= self._after(position, epoch, draws.integers(self._samples))
            else:
                codes = valid[chosen, :, None].astype(np.int64)  # 0, the first class, is padding
                valid[chosen] = follow(codes, draws, self._kernels)[..., 0] != 0
        return valid
