"""Several objectives as one, another one for every suggestion.

ParEGO: Knowles, "ParEGO: a hybrid algorithm with on-line landscape approximation for expensive
multiobjective optimization problems", IEEE Transactions on Evolutionary Computation 2006.  Each
suggestion draws weights, so that together they look for all of the Pareto front, also where it is
not convex.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.rng import Stream, generator

_SLOPE = 0.05
"""Share of the weighted sum, which tells points apart that are alike in the worst objective."""


def weights(seed: int, number: int, objectives: int) -> Array:
    """Weights of the objectives (n,), even over all that add up to 1, for the trial of a number."""
    return generator(seed, Stream.SAMPLER, number, 3).dirichlet(np.ones(objectives))


def scalarized(points: Sequence[Sequence[float] | None], shares: Array) -> list[float | None]:
    """The augmented Tchebycheff norm max(w f) + 0.05 sum(w f) of each point; None stays None.

    f is each objective from 0, its best value among the points, to 1, its median; how bad the bad
    ones are is compressed by a logarithm, so that a single one does not flatten the scale.

    Args:
        points: a value an objective, less is better; None for a trial that failed.
        shares: the weights w.
    """
    known = [point for point in points if point is not None]
    if not known:
        return [None] * len(points)
    least, middle = np.quantile(np.array(known), [0.0, 0.5], axis=0)
    highest = np.max(np.array(known), axis=0)
    spread = np.where(middle > least, middle - least, np.maximum(highest - least, 1e-300))
    found: list[float | None] = []
    for point in points:
        if point is None:
            found.append(None)
            continue
        scaled = (np.array(point) - least) / spread
        scaled = np.where(scaled > 1, 1 + np.log1p(np.maximum(scaled - 1, 0.0)), scaled)
        found.append(float(np.max(shares * scaled) + _SLOPE * np.sum(shares * scaled)))
    return found
