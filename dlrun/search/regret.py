"""How much better than the best trial the best possible one may be, predicted by a model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlrun.arrays import Array

_WIDTH = 3.0
"""Standard deviations of a bound; those of the paper are 2.5 to 2.9 after 20 to 100 trials."""

Predict = Callable[[Array], tuple[Array, Array]]
"""Mean and standard deviation of the objective, (m,) each, at points (m, columns)."""


def regret(predict: Predict, tried: Array, candidates: Array) -> float:
    """An upper bound of the regret: lowest upper bound of a trial - lowest lower bound of a point.

    Makarova et al., "Automatic termination for hyperparameter optimization", AutoML 2022, equation
    2, with bounds of constant width.  It is in the units of the model.

    Args:
        predict: the model; lower is better.
        tried: (n, columns), the points of trials.
        candidates: (m, columns), points among which the best one is expected.
    """
    mean, deviation = predict(tried)
    reached = float(np.min(mean + _WIDTH * deviation))
    mean, deviation = predict(np.vstack([tried, candidates]))
    return max(0.0, reached - float(np.min(mean - _WIDTH * deviation)))


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
