"""Waveforms that begin sooner or later."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.augment.audio.signal import SignalAugmentation
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following, first_class
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Span, around_zero


@augmentation("time_shift")
class TimeShift(SignalAugmentation):
    """Move waveforms in time, by whole values."""

    moves: ClassVar = True

    distance: Span = 0.1
    """Part of the length, later if it is above 0: a number d for -d to d, or [low, high]."""
    wrap: bool = False
    """Whether what leaves at one end comes in at the other; else there are zeros, and where each
    step has a class, the first of them."""

    @property
    def fills(self) -> bool:
        """Where nothing comes in."""
        return not self.wrap

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Move."""
        return self._moved(samples, draws, np.float32(0))

    def follow(self, setting: Setting, following: Following) -> Change:
        """Move targets of steps."""

        def moved(targets: Array, draws: Draws, kernels: Kernels) -> Array:
            classes = following.kind == "classes"
            return self._moved(targets, draws, first_class(targets) if classes else np.float32(0))

        return moved

    def _moved(self, samples: Array, draws: Draws, outside: Array | np.float32) -> Array:
        length = samples.shape[1]
        by = np.rint(draws.uniform(*around_zero(self.distance)) * length).astype(np.int64)
        places = np.arange(length) - by[:, None]
        found = np.take_along_axis(samples, (places % length)[:, :, None], axis=1)
        if not self.wrap:
            found[(places < 0) | (places >= length)] = outside
        return found
