"""Two half moons."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.plane import Samples, labels, points, positions
from dlrun.rng import Stream, generator
from dlrun.spec.fields import NonNegative


@source("moons")
class Moons(Source):
    """Points on two interleaved half moons of radius 1, one per class.

    The upper one is centered at (0, 0), the lower one at (1, 0.5).
    """

    samples: Samples = 1000
    """Number of points in both classes."""
    noise: NonNegative = 0.1
    """Standard deviation of the noise in both coordinates."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Draw the points, (samples, 2)."""
        codes = labels(self.samples, 2)
        angle = np.pi * positions(codes, 2)
        upper = codes == 0
        noise = generator(seed, Stream.DATA).normal(0.0, self.noise, (2, self.samples))
        x = np.where(upper, np.cos(angle), 1.0 - np.cos(angle))
        y = np.where(upper, np.sin(angle), 0.5 - np.sin(angle))
        return points(x + noise[0], y + noise[1], codes, 2)
