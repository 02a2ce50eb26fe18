"""The adding problem: find two numbers far apart in a sequence and add them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.plane import Samples
from dlrun.rng import Stream, generator

Steps = Annotated[int, Field(ge=2, le=100_000)]


@source("adding")
class Adding(Source):
    """Sequences to be mapped to the sum of their two marked numbers.

    Every step has a number, uniform in 0 to 1, and a mark, which is 1 at one step in the first
    half and one in the second half, and 0 elsewhere.  Always predicting 1 gives an MSE of 1/6.
    Hochreiter & Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, section 5.4.
    """

    samples: Samples = 2000
    """Number of sequences."""
    steps: Steps = 20
    """Length of the longest sequence."""
    shortest: Steps | None = None
    """Minimum length: lengths are uniform from here to ``steps``, and zeros are appended; null
    gives all sequences the same length."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.shortest is not None and self.shortest > self.steps:
            raise ValueError(
                f"'shortest' is {self.shortest}, above 'steps' ({self.steps}); lower it"
            )
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
        for step in (random.integers(0, half), random.integers(half, lengths)):
            inputs[rows, step, 1] = 1.0
            total += inputs[rows, step, 0]
        return Dataset(
            inputs=inputs.astype(np.float32),
            targets=total.astype(np.float32)[:, None],
            task="regression",
        )
