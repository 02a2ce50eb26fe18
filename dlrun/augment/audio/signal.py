"""What augmentations of waveforms and other series share."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import AfterValidator

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Change, Setting, Task
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import ascending
from dlrun.errors import ShapeError
from dlrun.spec.fields import Positive

Decibels = Annotated[float | tuple[float, float], AfterValidator(ascending)]
"""A number, or [low, high] to draw from."""

Above = Annotated[Positive | tuple[Positive, Positive], AfterValidator(ascending)]
"""A number above 0, or [low, high] to draw from."""

_PART = 1 << 18
"""Values of a part: 1 MiB."""


class SignalAugmentation(Augmentation):
    """The root of those that change series of numbers: (n, length, channels)."""

    def check(self, sample: Shape, task: Task) -> None:
        """Series only."""
        if len(sample) != 2:
            shown = " x ".join(map(str, sample))
            raise ShapeError(
                f"{self.kind} changes waveforms, (length, channels); samples are {shown}"
            )


class SoundAugmentation(SignalAugmentation):
    """The root of those that have to know how many values of a waveform make a second."""

    def bind(self, setting: Setting) -> Change:
        """``change`` at a rate."""
        if setting.rate is None:
            raise ShapeError(
                f"{self.kind} must know the rate of waveforms, which the source audio tells"
            )
        return partial(self._changed, setting.rate)

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Change all of some waveforms.

        Args:
            waves: (n, length, channels) float32, which may be overwritten.
            draws: random numbers for each of them.
            rate: values a second.
        """
        raise NotImplementedError

    def _changed(self, rate: int, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        return self.change(samples, draws, rate)


def per_signal(values: Array) -> Array:
    """(n,) numbers as (n, 1, 1) float32."""
    return values.astype(np.float32)[:, None, None]


def parts(signals: Array, values: int) -> Iterator[slice]:
    """Some signals at a time, as many as the work on one says.

    Args:
        signals: (n, ...).
        values: that the work on one of them holds.
    """
    rows = max(1, _PART // max(1, values))
    for start in range(0, len(signals), rows):
        yield slice(start, start + rows)


def power(signals: Array) -> Array:
    """Mean square of each signal, (n,) float64."""
    return np.asarray(np.square(signals, dtype=np.float64).mean(axis=(1, 2)))


def log_uniform(draws: Draws, bounds: tuple[float, float]) -> Array:
    """(n,) numbers whose logarithms are drawn uniformly; exactly the bound where both are one."""
    low, high = bounds
    return np.asarray(low * (high / low) ** draws.uniform())
