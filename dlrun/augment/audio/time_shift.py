"""Waveforms that begin sooner or later."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Span, around_zero


@augmentation("time_shift")
class TimeShift(SignalAugmentation):
    """Move waveforms in time, by whole values."""

    distance: Span = 0.1
    """Part of the length, later if it is above 0: a number d for -d to d, or [low, high]."""
    wrap: bool = False
    """Whether what leaves at one end comes in at the other; else there are zeros."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Move."""
        length = samples.shape[1]
        by = np.rint(draws.uniform(*around_zero(self.distance)) * length).astype(np.int64)
        places = np.arange(length) - by[:, None]
        found = np.take_along_axis(samples, (places % length)[:, :, None], axis=1)
        if not self.wrap:
            found[(places < 0) | (places >= length)] = 0.0
        return found
