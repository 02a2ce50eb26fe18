"""Intertwined spirals."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.data.plane import Classes, Samples, labels, places, points
from dlrun.data.source import Source, source
from dlrun.rng import Stream, generator
from dlrun.spec.fields import NonNegative, Positive


@source("spirals")
class Spirals(Source):
    """Points on spirals that wind round each other from the origin out to radius 1, one a class.

    The problem that Lang & Witbrock, "Learning to tell two spirals apart", 1988, made known.
    """

    samples: Samples = 1000
    """Points, over all classes."""
    noise: NonNegative = 0.02
    """Standard deviation of what is added to both coordinates."""
    classes: Classes = 2
    """Spirals."""
    turns: Positive = 1.5
    """How often each winds round the origin."""

    def load(self, seed: int, folder: Path) -> Dataset:
        """Draw the points, (samples, 2)."""
        codes = labels(self.samples, self.classes)
        radius = places(codes, self.classes)
        angle = 2 * np.pi * (self.turns * radius + codes / self.classes)
        noise = generator(seed, Stream.DATA).normal(0.0, self.noise, (2, self.samples))
        x, y = radius * np.cos(angle), radius * np.sin(angle)
        return points(x + noise[0], y + noise[1], codes, self.classes)
