"""The base of samplers that learn a model of the objective from the trials."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array
from dlrun.rng import Stream, generator
from dlrun.search.features import Features
from dlrun.search.samplers.base import Sampler, begun, left, novel, tried
from dlrun.search.samplers.random import draws
from dlrun.search.samplers.sobol import sequence
from dlrun.search.scaling import scaled
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity


class Proposer(Protocol):
    """A model that was fitted to the trials that have ended."""

    def propose(
        self, waiting: Sequence[Suggestion], seen: set[str], random: np.random.Generator
    ) -> list[Suggestion]:
        """One new suggestion, which is added to ``seen``; none if the model has no new one.

        Args:
            waiting: running trials.
            seen: identities of all earlier suggestions.
            random: for all draws.
        """


class ModelBased(Sampler):
    """A Sobol sequence first, then what a model proposes."""

    trials: PositiveInt | None = None
    """Total number of trials; null: until nothing is left to try."""
    batch: PositiveInt = 4
    """Trials that are suggested at once, from the results of those before."""
    start: PositiveInt | None = None
    """Trials before the model is used, including those of earlier studies; null: 4, plus one per
    key."""

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """Points of the sequence first, then proposals, each aware of those before."""
        from scipy import linalg
        from threadpoolctl import threadpool_limits

        assert linalg.lapack  # loads SciPy's own BLAS, which must be limited, too
        first, seen = begun(history, pending), tried(history, pending)
        count = left(self.trials, first, count)
        known = [each for each in history if space.contains(each.suggestion)]
        missing = self._start(space) - len(known) - len(pending)
        if not any(each.value is not None and math.isfinite(each.value) for each in known):
            missing = count  # all values are equal or missing, so there is nothing to learn from
        if not Features(space).keys.size:
            missing = count  # a single possible suggestion, so there is nothing to learn
        random = generator(seed, Stream.SAMPLER, first)
        points = sequence(len(space.keys), seed)
        found = novel(space, points, seen, max(0, min(count, missing)), random)
        if missing < count and len(found) < count:
            # Matrix multiplications give other last bits with other numbers of threads.
            with threadpool_limits(1, "blas"):
                model = self.proposer(space, known, seed)
                for number in range(first + len(found), first + count):
                    random = generator(seed, Stream.SAMPLER, number)
                    running = (each for each in (*pending, *found) if space.contains(each))
                    new = model.propose(sorted(running, key=identity), seen, random) or novel(
                        space, draws(random, len(space.keys)), seen, 1, random
                    )
                    if not new:
                        break
                    found += new
        return found

    def proposer(self, space: Space, known: Sequence[Completed], seed: int) -> Proposer:
        """The model of trials that have ended, at least one of them with a value."""
        raise NotImplementedError

    def _start(self, space: Space) -> int:
        free = sum(each.size != 1 for each in space.dimensions.values())
        return self.start or 4 + free


def objectives(known: Sequence[Completed]) -> Array:
    """The scaled objectives of trials, (n,)."""
    return scaled(np.array([np.nan if e.value is None else e.value for e in known], float))
