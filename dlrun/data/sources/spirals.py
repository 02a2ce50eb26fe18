"""Intertwined spirals."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.plane import Classes, Samples, labels, points, positions
from dlrun.rng import Stream, generator
from dlrun.spec.fields import NonNegative, Positive


@source("spirals")
class Spirals(Source):
    """Points on intertwined spirals from the origin to radius 1, one spiral per class.

    Introduced by Lang & Witbrock, "Learning to tell two spirals apart", 1988.
    """

    samples: Samples = 1000
    """Number of points in all classes."""
    noise: NonNegative = 0.02
    """Standard deviation of the noise in both coordinates."""
    classes: Classes = 2
    """Number of spirals."""
    turns: Positive = 1.5
    """Turns of each spiral around the origin."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Draw the points, (samples, 2)."""
        codes = labels(self.samples, self.classes)
        radius = positions(codes, self.classes)
        angle = 2 * np.pi * (self.turns * radius + codes / self.classes)
        noise = generator(seed, Stream.DATA).normal(0.0, self.noise, (2, self.samples))
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        return points(x + noise[0], y + noise[1], codes, self.classes)
