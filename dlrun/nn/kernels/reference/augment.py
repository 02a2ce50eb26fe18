"""What augmentations need of the kernels."""

from __future__ import annotations

from dlrun.nn.kernels.reference.resample import resample
from dlrun.nn.kernels.reference.vocoder import stretch

__all__ = ["resample", "stretch"]
