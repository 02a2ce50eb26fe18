"""Waveforms shifted in time."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following, first_class
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import SymmetricRange, around_zero, within


@augmentation("time_shift")
class TimeShift(SignalAugmentation):
    """Shift waveforms in time, by whole values."""

    moves: ClassVar = True

    distance: Annotated[SymmetricRange, within(-1e6, 1e6)] = 0.1
    """Shift as a fraction of the length, later if positive: a number d for -d to d, or [low,
    high]."""
    wrap: bool = False
    """Whether values that leave at one end enter at the other; otherwise that end is filled with
    zeros (with the first class, for targets of each step)."""

    @property
    def fills(self) -> bool:
        """True, without ``wrap``."""
        return not self.wrap

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Shift."""
        return self._moved(samples, draws, np.float32(0))

    def follow(self, setting: Setting, following: Following) -> Change:
        """Shift the targets of steps."""

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            classes = following.kind == "classes"
            return self._moved(targets, draws, first_class(targets) if classes else np.float32(0))

        return moved

    def _moved(self, samples: Array, draws: Draws, outside: Array | np.float32) -> Array:
        length = samples.shape[1]
        found = np.empty_like(samples)
        by = np.rint(draws.uniform(*around_zero(self.distance)) * length).astype(np.int64)
        for row, distance in enumerate(by.tolist()):
            first = distance % length if self.wrap else max(-length, min(distance, length))
            place = first % length
            found[row, place:] = samples[row, : length - place]
            found[row, :place] = samples[row, length - place :]
            if not self.wrap:
                left = slice(0, first) if first > 0 else slice(length + first, length)
                found[row, left] = outside
        return found
