"""Gaussian blobs."""

from __future__ import annotations

from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.plane import Classes, Samples, labels, points
from dlrun.rng import Stream, generator
from dlrun.spec.fields import NonNegative

_HALF_WIDTH = 10.0


@source("blobs")
class Blobs(Source):
    """Points around random centers, one per class, uniform in the square [-10, 10]^2."""

    samples: Samples = 1000
    """Number of points in all classes."""
    centers: Classes = 3
    """Number of blobs."""
    noise: NonNegative = 1.0
    """Standard deviation of both coordinates around the center."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Draw the centers, then the points, (samples, 2)."""
        draw = generator(seed, Stream.DATA)
        centers = draw.uniform(-_HALF_WIDTH, _HALF_WIDTH, (2, self.centers))
        noise = draw.normal(0.0, self.noise, (2, self.samples))
        codes = labels(self.samples, self.centers)
        x, y = centers[:, codes] + noise
        return points(x, y, codes, self.centers)
