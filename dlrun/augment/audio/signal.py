"""The base of augmentations of waveforms and other series."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation, Change, Setting, Task
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import SymmetricRange, ascending, within
from dlrun.errors import ShapeError
from dlrun.spec.fields import Positive

_DECIBELS = within(-200.0, 200.0)
"""Factors of up to 10^10: of two signals that differ by more, a sum of 32-bit floats, which have 24
bits or 144 dB, contains only one, and the squares of larger values overflow."""

Decibels = Annotated[float | tuple[float, float], AfterValidator(ascending), _DECIBELS]
"""A number, or [low, high] to draw from."""

Loudness = Annotated[SymmetricRange, _DECIBELS]
"""A SymmetricRange of decibels."""

_Above = Annotated[Positive | tuple[Positive, Positive], AfterValidator(ascending)]

Frequency = Annotated[_Above, within(1e-30, 1e30)]
"""A frequency in Hz, or [low, high] to draw from."""

Octaves = Annotated[_Above, within(1e-9, 100.0)]
"""A width in octaves, or [low, high] to draw from."""

Seconds = Annotated[_Above, within(1e-30, 1e30)]
"""A time in seconds, or [low, high] to draw from."""

Slope = Annotated[Positive, Field(le=10_000.0)]
"""Attenuation in decibels per octave."""

_PART = 1 << 18
"""Values per part: 1 MiB."""


class SignalAugmentation(Augmentation):
    """Base class of augmentations of series of numbers: (n, length, channels)."""

    def check(self, sample: Shape, task: Task) -> None:
        """Series only."""
        if len(sample) != 2:
            shown = " x ".join(map(str, sample))
            raise ShapeError(
                f"{self.kind} changes waveforms, (length, channels); samples are {shown}"
            )


class SoundAugmentation(SignalAugmentation):
    """Base class of augmentations that depend on the sample rate of a waveform."""

    def bind(self, setting: Setting) -> Change:
        """``change`` with the sample rate."""
        if setting.rate is None:
            raise ShapeError(
                f"{self.kind} needs the sample rate of waveforms; use the source audio"
            )
        return partial(self.change_with, setting.rate)

    def change(self, waves: Array, draws: Draws, rate: int) -> Array:
        """Change some waveforms.

        Args:
            waves: (n, length, channels) float32; may be overwritten.
            draws: random numbers for each of them.
            rate: samples per second.
        """
        raise NotImplementedError

    def change_with(self, rate: int, waves: Array, draws: Draws, kernels: Kernels) -> Array:
        """``change``, for members that need the kernels."""
        return self.change(waves, draws, rate)


def per_signal(values: Array) -> Array:
    """(n,) values as (n, 1, 1) float32."""
    return values.astype(np.float32)[:, None, None]


def parts(signals: Array, values: int) -> Iterator[slice]:
    """Slices of some signals at a time, of a size that fits the cache.

    Args:
        signals: (n, ...).
        values: number of values in the work arrays of one signal.
    """
    rows = max(1, _PART // max(1, values))
    for start in range(0, len(signals), rows):
        yield slice(start, start + rows)


def power(signals: Array) -> Array:
    """Mean square of each signal, (n,) float64."""
    return np.asarray(np.square(signals, dtype=np.float64).mean(axis=(1, 2)))


def log_uniform(draws: Draws, bounds: tuple[float, float]) -> Array:
    """(n,) values drawn uniformly on a logarithmic scale; exactly the bound if both are equal."""
    low, high = bounds
    return np.asarray(low * (high / low) ** draws.uniform())
