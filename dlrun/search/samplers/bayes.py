"""Bayesian optimization: a model of the objective selects the most promising suggestions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array
from dlrun.rng import Stream, generator
from dlrun.search import surrogate
from dlrun.search.acquisition import ExpectedImprovement
from dlrun.search.features import Features
from dlrun.search.regret import regret, unit
from dlrun.search.samplers.base import Sampler, begun, left, novel, remaining, sampler, tried
from dlrun.search.samplers.random import draws
from dlrun.search.samplers.sobol import sequence
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity
from dlrun.search.surrogate import Surrogate

_EVERY = 4
"""One of so many suggestions is made with shorter length scales than were fitted."""
_SHORTER = 0.5
"""Factor on these length scales. A model that wrongly assumes a smooth objective would search only
around the best trial (Berkenkamp, Schoellig & Krause, "No-regret Bayesian optimization with unknown
hyperparameters", JMLR 2019)."""
_FINEST = 1e-12
"""Differences of objectives, relative to the largest, that count as equal."""
_MODELLED = 150
"""Maximum number of trials in the model; its cost grows with their cube."""
_LISTED = 2000
"""Maximum size of a space whose suggestions are all evaluated."""
_SCATTERED = 1000
"""Random points of the whole space among which the search for a maximum starts."""
_NEIGHBOURS = 40
"""Points around each of the best trials, and around each of the best points, per round."""
_CENTRES = 5
_ROUNDS = (0.1, 0.03, 0.01)
"""Standard deviations of the neighbours in each round, as fractions of a range."""
_BOUNDED = 4000
"""Random points among which the one is looked for that may be the best."""
_KNOWN = 10
"""Trials per key before a regret is predicted; with fewer, the objective's scale is unknown."""
_CLIMBED = 3
"""Points from which the gradient is followed to a maximum."""


@sampler("bayes")
class Bayes(Sampler):
    """A Gaussian process of the objective; suggests what maximizes the expected improvement.

    It starts with points of a Sobol sequence. Running trials are taken into account, so that a
    batch of suggestions spreads out. A failed trial counts as the worst so far.
    """

    models: ClassVar[bool] = True

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
        """Points of the sequence first, then those with the largest expected improvement."""
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
                waiting = sorted((*pending, *found), key=identity)
                model = _Model(space, known, [each for each in waiting if space.contains(each)])
                for number in range(first + len(found), first + count):
                    random = generator(seed, Stream.SAMPLER, number)
                    new = model.propose(number, seen, random) or novel(
                        space, draws(random, len(space.keys)), seen, 1, random
                    )
                    if not new:
                        break
                    found += new
                    model.believe(new)
        return found

    def regret(self, space: Space, history: Sequence[Completed], seed: int) -> float | None:
        """The bound of the model; None with fewer than ten trials per key."""
        from threadpoolctl import threadpool_limits

        known = [each for each in history if space.contains(each.suggestion)]
        values = np.array([np.nan if e.value is None else e.value for e in known], float)
        finite = np.isfinite(values)
        fewest = max(self._start(space), _KNOWN * len(space.keys))
        if len(known) < fewest or finite.sum() < 2 or not Features(space).keys.size:
            return None
        with threadpool_limits(1, "blas"):
            model = _Model(space, known, [])
            bound = model.regret(generator(seed, Stream.SAMPLER, len(known), 1))
        return bound * unit(values[finite], scaled(values)[finite])

    def _start(self, space: Space) -> int:
        free = sum(each.size != 1 for each in space.dimensions.values())
        return self.start or 4 + free


class _Model:
    """The surrogate of a history, and the search for the maximum of its expected improvement.

    Args:
        space: the search space.
        known: trials that have ended; at least one has a value.
        waiting: running trials; each counts as if its value were the surrogate's prediction.
    """

    def __init__(
        self, space: Space, known: Sequence[Completed], waiting: Sequence[Suggestion]
    ) -> None:
        self.space, self.features = space, Features(space)
        self.positions, x = self.features.of([each.suggestion for each in known])
        y = scaled(np.array([np.nan if e.value is None else e.value for e in known], float))
        kept = _subset(x, y)
        self.positions, x, y = self.positions[kept], x[kept], y[kept]
        self.order = np.argsort(y, kind="stable")
        kernel = surrogate.fit(x, y)
        self.surrogates = [
            Surrogate(replace(kernel, scales=kernel.scales * factor), x, y)
            for factor in (1.0, _SHORTER)
        ]
        self.tried = x
        self.believe(waiting)

    def believe(self, waiting: Sequence[Suggestion]) -> None:
        """Add suggestions as running trials."""
        if waiting:
            x = self.features.of(waiting)[1]
            self.surrogates = [each.believing(x) for each in self.surrogates]
            # The values predicted for them are no longer an improvement: the next one must be
            # better.
            self.tried = np.vstack([self.tried, x])

    def propose(self, number: int, seen: set[str], random: np.random.Generator) -> list[Suggestion]:
        """The best new suggestion, which is added to ``seen``; none if all candidates are old."""
        process = self.surrogates[number % _EVERY == 0]
        best = float(process.predict(self.tried)[0].min())
        improvement = ExpectedImprovement(process, best)
        rest = remaining(self.space, seen, _LISTED)
        if rest is not None:
            if not rest:
                return []
            chosen = rest[int(np.argmax(improvement(self.features.of(rest)[1])))]
            seen.add(identity(chosen))
            return [chosen]
        positions, values = self._search(improvement, random)
        for index in np.argsort(-values, kind="stable"):
            suggestion = self.space.at(positions[index].tolist())
            if identity(suggestion) not in seen and self.space.fits(suggestion):
                seen.add(identity(suggestion))
                return [suggestion]
        return []

    def regret(self, random: np.random.Generator) -> float:
        """The bound of the regret, among random points and neighbours of the best trials."""
        rest = remaining(self.space, set(), _LISTED)
        if rest is not None:
            candidates = self.features.of(rest)[1]
        else:
            positions = random.random((_BOUNDED, len(self.space.keys)))
            centres = self.positions[self.order[:_CENTRES]]
            around = [_around(centres, width, random) for width in _ROUNDS]
            candidates = self.features.at(np.vstack([positions, *around]))[1]
        return regret(self.surrogates[0].predict, self.tried, candidates)

    def _search(
        self, improvement: ExpectedImprovement, random: np.random.Generator
    ) -> tuple[Array, Array]:
        """Positions (m, keys) and their expected improvements (m,), probably with the maximum."""
        keys = len(self.space.keys)
        positions = random.random((_SCATTERED, keys))
        centres = self.positions[self.order[:_CENTRES]]
        around = [_around(centres, width, random) for width in _ROUNDS]
        positions, x = self.features.at(np.vstack([positions, *around]))
        values = improvement(x)
        for width in _ROUNDS:
            top = np.argsort(-values, kind="stable")[:_CENTRES]
            more, x = self.features.at(_around(positions[top], width, random))
            positions = np.vstack([positions, more])
            values = np.concatenate([values, improvement(x)])
        top = np.argsort(-values, kind="stable")[:_CLIMBED]
        climbed = [self._climb(improvement, positions[index]) for index in top]
        more, x = self.features.at(np.array(climbed))
        return np.vstack([positions, more]), np.concatenate([values, improvement(x)])

    def _climb(self, improvement: ExpectedImprovement, position: Array) -> Array:
        """A local maximum along the dimensions of real numbers."""
        from scipy.optimize import minimize

        smooth = self.features.smooth
        keys = self.features.keys[smooth]
        _, x = self.features.at(position[None])
        point = x[0]

        def loss(at: Array) -> tuple[float, Array]:
            point[smooth] = at
            value, slope = improvement.slope(point)
            return -value, -slope[smooth]

        if not len(smooth):
            return position
        start = point[smooth].copy()
        bounds = [(0.0, 1.0)] * len(smooth)
        best = minimize(
            loss, start, jac=True, bounds=bounds, method="L-BFGS-B", options={"maxiter": 20}
        )
        climbed = position.copy()
        climbed[keys] = best.x
        return climbed


def scaled(values: Array) -> Array:
    """Objectives (n,) scaled for the model: mean 0, variance 1, NaN (failed) as the worst.

    Values far above the median are compressed, since differences between bad values do not help to
    find the good ones.
    """
    finite = np.isfinite(values)
    measured = values[finite] / max(np.abs(values[finite]).max(), np.finfo(float).tiny)
    least, low, middle = np.quantile(measured, [0.0, 0.25, 0.5])
    # Twice the spread of the lower half, independent of the bad values. Less would compress so much
    # that noise outweighs the valley: mean regrets on Branin with noise were 1.1 instead of 0.4.
    spread = max(2 * (middle - low) or middle - least or measured.max() - middle, _FINEST)
    above = np.maximum(measured - middle, 0.0) / spread
    bent = np.minimum(measured, middle) + spread * np.log1p(above)
    found = np.full(len(values), bent.max())
    found[finite] = bent
    deviation = found.std()
    return np.asarray((found - found.mean()) / (deviation if deviation > 0 else 1.0))


def _subset(x: Array, y: Array) -> Array:
    """The rows for the model: the best half, and of the others the latest."""
    if len(y) <= _MODELLED:
        return np.arange(len(y))
    best = np.argsort(y, kind="stable")[: _MODELLED // 2]
    others = np.setdiff1d(np.arange(len(y)), best)
    return np.sort(np.concatenate([best, others[-(_MODELLED - len(best)) :]]))


def _around(centres: Array, width: float, random: np.random.Generator) -> Array:
    """Neighbours of every centre (m, keys), each with some of the keys changed."""
    near = np.repeat(centres, _NEIGHBOURS, axis=0)
    step = random.normal(0.0, width, near.shape)
    # A step along a list of words, or over integers, must be able to reach the next one.
    step = np.where(random.random(near.shape) < 0.2, random.random(near.shape) - near, step)
    moved = random.random(near.shape) < max(0.3, 1 / near.shape[1])
    return np.asarray(np.clip(near + moved * step, 0.0, 1.0))
