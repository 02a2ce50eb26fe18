"""Rules for an interval of a mean of a few skewed scores, on many studies at once.

They are what ``dlrun.intervals`` could have been; its own rule is compared with them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

from dlrun.arrays import Array
from dlrun.intervals import Scale, estimate

Rule = Callable[[Array, Scale], tuple[Array, Array]]
"""The ends of the 95 % intervals of rows of scores."""

_RESAMPLES = 200


def ours(scores: Array, scale: Scale) -> tuple[Array, Array]:
    """Student's or a score interval, the wider end of the two."""
    found = [estimate(row, of=scale) for row in scores.tolist()]
    return np.array([each.low for each in found]), np.array([each.high for each in found])


def student(scores: Array, scale: Scale) -> tuple[Array, Array]:
    """Student's interval, cut at the ends of the range."""
    mean, half = scores.mean(axis=1), _half(scores, scale)
    return np.clip(mean - half, scale.low, scale.high), np.clip(mean + half, scale.low, scale.high)


def delta(scores: Array, scale: Scale) -> tuple[Array, Array]:
    """Student's interval of the mean on the logit or log scale, by the delta method."""
    mean = _smooth(scores.mean(axis=1), scores.shape[1], scale)
    half = _half(scores, scale) * _slope(mean, scale)
    return _back(_forth(mean, scale) - half, scale), _back(_forth(mean, scale) + half, scale)


def transformed(scores: Array, scale: Scale) -> tuple[Array, Array]:
    """Student's interval of the logits or logarithms of the scores."""
    values = _forth(_smooth(scores, 1, scale), scale)
    mean, half = values.mean(axis=1), _half(values, Scale())
    return _back(mean - half, scale), _back(mean + half, scale)


def bootstrap(scores: Array, scale: Scale) -> tuple[Array, Array]:
    """The bootstrap-t interval (Efron & Tibshirani, 1993), cut at the ends of the range."""
    random = np.random.default_rng(0)
    studies, seeds = scores.shape
    mean = scores.mean(axis=1)
    error = _deviation(scores, scale) / np.sqrt(seeds)
    drawn = np.empty((_RESAMPLES, studies))
    for number in range(_RESAMPLES):
        chosen = random.integers(seeds, size=scores.shape)
        again = np.take_along_axis(scores, chosen, axis=1)
        spread = _deviation(again, scale) / np.sqrt(seeds)
        with np.errstate(divide="ignore", invalid="ignore"):
            drawn[number] = (again.mean(axis=1) - mean) / spread
    # A resample of one value again and again has no deviation, and its t is infinite.
    drawn[np.isnan(drawn)] = 0.0
    low, high = np.sort(drawn, axis=0)[[int(0.025 * _RESAMPLES), int(0.975 * _RESAMPLES) - 1]]
    ends = np.clip(mean - high * error, scale.low, scale.high), mean - low * error
    return ends[0], np.clip(ends[1], scale.low, scale.high)


RULES: dict[str, Rule] = {
    "ours": ours,
    "Student's": student,
    "delta method": delta,
    "of logits or logs": transformed,
    "bootstrap-t": bootstrap,
}


def _deviation(scores: Array, scale: Scale) -> Array:
    return np.maximum(scores.std(axis=1, ddof=1), scale.least)


def _half(scores: Array, scale: Scale) -> Array:
    seeds = scores.shape[1]
    found: Array = special.stdtrit(seeds - 1, 0.975) * _deviation(scores, scale) / np.sqrt(seeds)
    return found


def _smooth(scores: Array, seeds: int, scale: Scale) -> Array:
    """Fractions that are never 0 or 1, as if half a sample more were right and half wrong."""
    if scale.high is None or not scale.step:
        return scores
    samples = seeds / scale.step
    return (scores * samples + 0.5) / (samples + 1)


def _forth(scores: Array, scale: Scale) -> Array:
    return np.log(scores) if scale.high is None else special.logit(scores)


def _back(values: Array, scale: Scale) -> Array:
    return np.exp(values) if scale.high is None else special.expit(values)


def _slope(mean: Array, scale: Scale) -> Array:
    return 1 / mean if scale.high is None else 1 / (mean * (1 - mean))
