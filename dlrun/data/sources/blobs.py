"""Gaussian blobs."""

from __future__ import annotations

from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.plane import Classes, Samples, labels, points
from dlrun.data.source import Source, source
from dlrun.rng import Stream, generator
from dlrun.spec.fields import NonNegative

_HALF_WIDTH = 10.0


@source("blobs")
class Blobs(Source):
    """Points scattered about centers drawn evenly from the square [-10, 10]^2, one a class."""

    samples: Samples = 1000
    """Points, over all classes."""
    centers: Classes = 3
    """Blobs."""
    noise: NonNegative = 1.0
    """Standard deviation of both coordinates about the center."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Draw the centers, then the points, (samples, 2)."""
        draw = generator(seed, Stream.DATA)
        centers = draw.uniform(-_HALF_WIDTH, _HALF_WIDTH, (2, self.centers))
        noise = draw.normal(0.0, self.noise, (2, self.samples))
        codes = labels(self.samples, self.centers)
        x, y = centers[:, codes] + noise
        return points(x, y, codes, self.centers)
