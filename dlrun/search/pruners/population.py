"""Population-based training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import numpy as np
from pydantic import Field, PositiveInt

from dlrun.search.explore import explored
from dlrun.search.pruners.base import ReplacingPruner, pruner
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


@pruner("population")
class Population(ReplacingPruner):
    """Population-based training: bad trials continue from the weights of good ones.

    Jaderberg et al., "Population based training of neural networks", 2017, with truncation
    selection. The trials of the search train at the same time. Every few epochs the worst are
    pruned. Each is replaced by a new trial, a fork: it starts from the checkpoint of one of the
    best, with settings that differ a little from that trial's. So settings change in the course
    of a training, and the best trial has a schedule of settings.

    The space may only have keys that a training can change halfway, such as the learning rate.
    """

    every: PositiveInt = 4
    """Epochs after which trials are compared, again and again."""
    fraction: Annotated[float, Field(gt=0.0, le=0.5)] = 0.25
    """Fraction of the trials that are replaced, at least one; as many of the best are copied.
    Failed trials are always replaced."""
    step: Annotated[float, Field(gt=0.0, le=0.5)] = 0.1
    """How far a setting moves, up or down, as a fraction of its range; on a logarithmic scale where
    the key is searched on one. Integers and lists of numbers move at least to a neighbor; other
    lists do not move."""
    resample: Annotated[float, Field(ge=0.0, le=1.0)] = 0.25
    """Probability that a setting is drawn from its whole range instead."""

    def rungs(self, epochs: int) -> Sequence[int]:
        """Multiples of ``every``."""
        return range(self.every, epochs, self.every)

    def parents(
        self, trials: Sequence[int], values: Mapping[int, float], random: np.random.Generator
    ) -> dict[int, int]:
        """One of the best, at random, for each failed trial and each of the worst."""
        ranked = sorted(values, key=lambda number: (values[number], number))
        count = min(max(1, int(self.fraction * len(trials))), len(trials) // 2)
        best = ranked[: max(1, count)]
        failed = [number for number in trials if number not in values]
        rest = ranked[len(best) :]
        worst = rest[len(rest) - max(0, min(count - len(failed), len(rest))) :]
        if not best:
            return {}
        return {
            number: best[int(random.integers(len(best)))] for number in sorted([*failed, *worst])
        }

    def explored(
        self, space: Space, settings: Mapping[str, Any], random: np.random.Generator
    ) -> Suggestion:
        """Each setting moved by ``step`` or, with probability ``resample``, drawn again."""
        return explored(space, settings, self.step, self.resample, random)
