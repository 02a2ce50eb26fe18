"""What augmentations need of fast inner loops; training brings them along."""

from __future__ import annotations

from typing import Protocol

from dlrun.arrays import Array


class Kernels(Protocol):
    """Loops over the pixels of many images."""

    def resample(self, x: Array, inverse: Array, border: int, fill: float, y: Array) -> None:
        """Draw images anew, as ``dlrun.nn.kernels.reference.resample`` says."""
