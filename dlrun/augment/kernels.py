"""The fast inner loops that augmentations need; the caller passes them in."""

from __future__ import annotations

from typing import Protocol

from dlrun.arrays import Array


class Kernels(Protocol):
    """Loops over the pixels of many images, and over the values of a waveform."""

    def resample(self, x: Array, inverse: Array, border: int, fill: float, y: Array) -> None:
        """Resample images, see ``dlrun.nn.kernels.reference.resample``."""

    def stretch(self, wave: Array, places: Array, window: Array, y: Array) -> None:
        """Stretch a waveform, see ``dlrun.nn.kernels.reference.vocoder``."""
