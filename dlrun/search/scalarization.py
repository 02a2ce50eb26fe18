"""Several objectives combined to one, with other weights for every suggestion.

ParEGO: Knowles, "ParEGO: a hybrid algorithm with on-line landscape approximation for expensive
multiobjective optimization problems", IEEE Transactions on Evolutionary Computation 2006.  Each
suggestion draws its own weights, so that together they cover all of the Pareto front, including its
non-convex parts.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlrun.arrays import Array
from dlrun.rng import Stream, generator

_SLOPE = 0.05
"""Factor on the weighted sum, which ranks points whose worst objective is equal."""


def weights(seed: int, number: int, objectives: int) -> Array:
    """Weights of the objectives (n,), uniform over all that sum to 1, for a trial number."""
    return generator(seed, Stream.SAMPLER, number, 3).dirichlet(np.ones(objectives))


def scalarized(points: Sequence[Sequence[float] | None], shares: Array) -> list[float | None]:
    """The augmented Tchebycheff norm max(w f) + 0.05 sum(w f) of each point; None stays None.

    f is each objective, scaled from 0 at its best value among the points to 1 at its median; values
    above the median are compressed by a logarithm, so that a single bad one does not flatten the
    scale.

    Args:
        points: one value per objective, lower is better; None for a failed trial.
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
