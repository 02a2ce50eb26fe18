"""Random values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from pydantic import PositiveInt

from dlrun.rng import Stream, generator
from dlrun.search.samplers.base import Sampler, begun, left, novel, sampler, tried
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion


@sampler("random")
class Random(Sampler):
    """Independent random values for every key, without repetition.

    Bergstra & Bengio, "Random search for hyper-parameter optimization", JMLR 2012: better than a
    grid if only few keys matter, because each trial tries other values of these few.
    """

    trials: PositiveInt | None = None
    """Total number of trials; null: until nothing is left to try."""

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """Draws that depend on the seed and on the numbers of the trials."""
        first, seen = begun(history, pending), tried(history, pending)
        found: list[Suggestion] = []
        for number in range(first, first + left(self.trials, first, count)):
            random = generator(seed, Stream.SAMPLER, number)
            new = novel(space, draws(random, len(space.keys)), seen, 1, random)
            if not new:
                break
            found += new
        return found


def draws(random: np.random.Generator, dimensions: int) -> Iterator[Sequence[float]]:
    """An endless iterator of points in [0, 1)."""
    while True:
        yield random.random(dimensions).tolist()
