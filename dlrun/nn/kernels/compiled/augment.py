"""What augmentations need of the kernels."""

from __future__ import annotations

from dlrun.nn.kernels.compiled.resample import resample
from dlrun.nn.kernels.compiled.vocoder import stretch

__all__ = ["resample", "stretch"]
