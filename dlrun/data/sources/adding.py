"""The adding problem: sequences in which two numbers far apart have to be found and added."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from dlrun.data.dataset import Dataset
from dlrun.data.plane import Samples
from dlrun.data.source import Source, source
from dlrun.rng import Stream, generator

Steps = Annotated[int, Field(ge=2, le=100_000)]


@source("adding")
class Adding(Source):
    """The sum of the two numbers of a sequence that are marked.

    Every step holds a number, uniform in 0 to 1, and a mark, which is 1 at one step of the first
    half and at one of the second, and 0 elsewhere.  Whoever answers 1 always has a mean squared
    error of 1/6.  Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9, 1997,
    section 5.4.
    """

    samples: Samples = 2000
    """Sequences."""
    steps: Steps = 20
    """Length of the longest."""
    shortest: Steps | None = None
    """Draw lengths from here up to ``steps`` and fill the rest of a sequence with zeros; null
    makes all equally long."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.shortest is not None and self.shortest > self.steps:
            raise ValueError(f"'shortest' is {self.shortest}, above the {self.steps} steps")
        return self

    def load(self, seed: int, folder: Path) -> Dataset:
        """Draw the sequences, (samples, steps, 2), and their sums, (samples, 1)."""
        random = generator(seed, Stream.DATA)
        shortest = self.steps if self.shortest is None else self.shortest
        lengths = random.integers(shortest, self.steps + 1, self.samples)
        inputs = np.zeros((self.samples, self.steps, 2))
        inputs[:, :, 0] = random.uniform(size=(self.samples, self.steps))
        inputs[np.arange(self.steps) >= lengths[:, None]] = 0.0
        rows, half = np.arange(self.samples), lengths // 2
        total = np.zeros(self.samples)
        for place in (random.integers(0, half), random.integers(half, lengths)):
            inputs[rows, place, 1] = 1.0
            total += inputs[rows, place, 0]
        return Dataset(
            inputs=inputs.astype(np.float32),
            targets=total.astype(np.float32)[:, None],
            task="regression",
        )
