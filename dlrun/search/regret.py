"""How much better than the best trial the best possible one may be, predicted by a model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlrun.arrays import Array

_WIDTH = 4.0
"""Standard deviations of a bound; those of the paper are 2.5 to 2.9 after 20 to 100 trials, which
was too few on functions with several valleys."""

Predict = Callable[[Array], tuple[Array, Array]]
"""Mean and standard deviation of the objective, (m,) or (settings, m) each, at points (m, columns),
for every setting of the model that the trials leave open."""


def regret(predict: Predict, tried: Array, candidates: Array) -> float:
    """An upper bound of the regret: lowest upper bound of a trial - lowest lower bound of a point.

    Makarova et al., "Automatic termination for hyperparameter optimization", AutoML 2022, equation
    2, with bounds of constant width; the largest one of all settings.  It is in the units of the
    model.

    Args:
        predict: the model; lower is better.
        tried: (n, columns), the points of trials.
        candidates: (m, columns), points among which the best one is expected.
    """
    mean, deviation = predict(tried)
    reached = np.min(mean + _WIDTH * deviation, axis=-1)
    mean, deviation = predict(np.vstack([tried, candidates]))
    lowest = np.min(mean - _WIDTH * deviation, axis=-1)
    return max(0.0, float(np.max(reached - lowest)))


def unit(values: Array, scaled: Array) -> float:
    """Units of the objective in one unit of the model, between the best trial and the median.

    Args:
        values: (n,) finite values, lower is better.
        scaled: (n,) the same values for the model, an increasing function of ``values``.
    """
    order = np.argsort(values, kind="stable")
    best = order[0]
    for other in (order[len(order) // 2], order[-1]):
        if scaled[other] > scaled[best]:
            return float((values[other] - values[best]) / (scaled[other] - scaled[best]))
    return 0.0
