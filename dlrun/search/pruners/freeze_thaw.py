"""Freeze and thaw: a model of learning curves chooses which trials train further."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array
from dlrun.search.curve_covariance import Points
from dlrun.search.curve_model import CurveModel
from dlrun.search.pruners.base import ChoosingPruner, Curve, ReductionFactor, powers, pruner
from dlrun.spec.fields import Fraction

_START = 16
"""Trials that are started before the model is used."""
_CANDIDATES = 300
"""Maximum number of trials that have not been started and that the model considers."""
_FITTED = 150
"""Maximum number of points from which the parameters of the model are estimated."""
_MODELLED = 600
"""Maximum number of points of the model; its cost grows with their cube."""


@pruner("freeze_thaw")
class FreezeThaw(ChoosingPruner):
    """Pauses every trial at each rung; a model of all curves chooses which ones train further.

    After Swersky, Snoek & Adams, "Freeze-thaw Bayesian optimization", 2014.  A Gaussian process,
    fitted to the values that all trials of the study have had so far, predicts the final value of
    every trial, also of those that have not started, from its curve and its settings.  The next
    trials are the paused one with the best prediction, and those with the largest expected
    improvement over the best completed trial, per expected epoch: those up to the next rung, and
    the rest with the probability that the trial becomes the best.  At the end, all other trials are
    pruned.
    """

    min_epochs: PositiveInt = 1
    """Epochs at the first rung."""
    factor: ReductionFactor = 2
    """Factor by which epochs grow from rung to rung."""
    batch: PositiveInt = 4
    """Trials that are chosen at once, from the values of those before: the number of trials that
    can train at the same time."""
    min_chance: Fraction = 0.005
    """A trial is not trained further if the probability that it becomes the best is lower."""

    def rungs(self, epochs: int) -> Sequence[int]:
        """``min_epochs`` times powers of ``factor``."""
        return powers(self.min_epochs, self.factor, epochs)

    def choose(
        self, curves: Sequence[Curve], epochs: int, floor: float | None = None, step: float = 0.0
    ) -> list[int]:
        """The trials with the largest expected improvement per expected epoch."""
        from scipy import linalg
        from threadpoolctl import threadpool_limits

        assert linalg.lapack  # loads SciPy's own BLAS, which must be limited, too
        new = [each for each in curves if not each.values and not each.waits][:_CANDIDATES]
        begun = [each for each in curves if each.values]
        known = any(math.isfinite(value) for each in begun for value in each.values)
        if new and (len(begun) < _START or not known):
            return [each.trial for each in new[: self.batch]]
        paused = [each for each in begun if not each.ended and not each.waits]
        if not known or not (new or paused):
            return []
        # Matrix multiplications give other last bits with other numbers of threads.
        with threadpool_limits(1, "blas"):
            return self._best(begun, [*paused, *new], epochs, floor, step)

    def _best(
        self,
        begun: Sequence[Curve],
        candidates: Sequence[Curve],
        epochs: int,
        floor: float | None,
        step: float,
    ) -> list[int]:
        rungs = np.array([*self.rungs(epochs), epochs])
        known = np.concatenate([curve.values for curve in begun])
        points, lengths = _points(begun, rungs, epochs)
        ends = Points(
            np.array([curve.columns for curve in candidates]),
            np.ones(len(candidates)),
            np.array([curve.trial for curve in candidates]),
        )
        mean, deviation = _model(points, scores(known, known), lengths).predict(ends)
        reached = np.array([len(curve.values) for curve in candidates])
        best = min((curve.values[-1] for curve in begun if _completed(curve)), default=None)
        if best is None:
            target = float(mean[reached > 0].min() if reached.any() else np.median(mean))
        else:  # an equal score is not an improvement
            target = float(scores(np.array([best - step / 2]), known)[0])
        chance, gain = _improvement(mean, deviation, target)
        done = np.where(reached > 0, rungs[reached - 1], 0)
        next_step, rest = rungs[reached] - done, epochs - rungs[reached]
        worth = gain / (next_step + chance * rest)
        perfect = best is not None and floor is not None and best <= floor
        worthwhile = (chance >= self.min_chance) & (not perfect) | (reached == 0)
        if reached.any():  # the favourite is always among them, so that trials are completed
            favourite = np.where(reached > 0, mean, np.inf).argmin()
            worth[favourite] = np.inf
            worthwhile[favourite] |= best is None
        order = np.argsort(-worth, kind="stable")
        return [candidates[place].trial for place in order if worthwhile[place]][: self.batch]


def _completed(curve: Curve) -> bool:
    return curve.ended and math.isfinite(curve.values[-1])


def _points(curves: Sequence[Curve], rungs: Array, epochs: int) -> tuple[Points, Array]:
    """All known places on curves, and for each the number of those of its trial."""
    lengths = [len(curve.values) for curve in curves]
    places = np.concatenate([np.arange(length) for length in lengths])
    points = Points(
        np.repeat(np.array([curve.columns for curve in curves]), lengths, axis=0),
        np.log(rungs[places]) / math.log(epochs),
        np.repeat([curve.trial for curve in curves], lengths),
    )
    return points, np.repeat(lengths, lengths)


def _model(points: Points, values: Array, lengths: Array) -> CurveModel:
    kept = _thinned(points.trial, lengths, _MODELLED)
    points, values, lengths = points.take(kept), values[kept], lengths[kept]
    return CurveModel(points, values, _thinned(points.trial, lengths, _FITTED))


def _improvement(mean: Array, deviation: Array, best: float) -> tuple[Array, Array]:
    """The probability that a value is below the best, and the expectation of the difference."""
    from scipy.special import ndtr

    u = (best - mean) / deviation
    chance = ndtr(u)
    density = np.exp(-0.5 * u * u) / math.sqrt(2 * math.pi)
    return chance, np.maximum(deviation * (u * chance + density), 0.0)


def scores(values: Array, known: Array) -> Array:
    """The normal scores of values: quantiles of the normal distribution, by their rank.

    A model of ranks sees differences between good trials as well as those between bad ones,
    whatever the objective and its unit are.  Equal values have the same score; values that are not
    finite (of failed trials) are the worst.  Blom, "Statistical estimates and transformed
    beta-variables", 1958.

    Args:
        values: (n,).
        known: (m,), the values among which they are ranked.
    """
    from scipy.special import ndtri

    ranked = np.sort(np.where(np.isfinite(known), known, np.inf))
    wanted = np.where(np.isfinite(values), values, np.inf)
    below, upto = (np.searchsorted(ranked, wanted, side) for side in ("left", "right"))
    return np.asarray(ndtri(((below + upto) / 2 + 1 / 8) / (len(ranked) + 1 / 4)))


def _thinned(trials: Array, lengths: Array, most: int) -> Array:
    """Rows of at most so many points, with whole curves: of every k-th trial by length.

    Args:
        trials: (n,), the trial of each point.
        lengths: (n,), the number of points of its trial.
        most: number of points.
    """
    numbers, first = np.unique(trials, return_index=True)
    order = numbers[np.argsort(-lengths[first], kind="stable")]
    stride = 1
    while (rows := np.flatnonzero(np.isin(trials, order[::stride]))).size > most:
        stride += 1
    return rows
