"""Bayesian optimization: a model of the objective selects the most promising suggestions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.rng import Stream, generator
from dlrun.search.acquisition import ExpectedImprovement
from dlrun.search.evidence import Evidence, drawn_kernels
from dlrun.search.features import Features
from dlrun.search.regret import regret, unit
from dlrun.search.samplers.base import remaining, sampler
from dlrun.search.samplers.model_based import ModelBased, Proposer, objectives
from dlrun.search.scaling import scaled
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity
from dlrun.search.surrogate import Surrogate, believed

_KERNELS = 8
"""Kernels that are drawn from their posterior, each with a draw of the true values of trials."""
_EDGE = 10.0
"""Price of a point at an edge after a single trial; after n trials, one n-th of it."""
_MODELLED = 150
"""Maximum number of trials in the model; its cost grows with their cube."""
_LISTED = 2000
"""Maximum size of a space whose suggestions are all evaluated."""
_KNOWN = 10
"""Trials per key before the model bounds the regret."""
_BOUNDED = 4000
"""Random points of the whole space among which the best one is expected."""
_SCATTERED = 256
"""Random points of the whole space among which the search for a maximum starts."""
_NEIGHBOURS = 10
"""Points around each of the best trials, and around each of the best points, per round."""
_CENTRES = 5
_ROUNDS = (0.1, 0.03, 0.01)
"""Standard deviations of the neighbours in each round, as fractions of a range."""
_CLIMBED = 3
"""Points from which the gradient is followed to a maximum."""


@sampler("bayes")
class Bayes(ModelBased):
    """Gaussian processes of the objective; suggests what maximizes the expected improvement.

    It starts with points of a Sobol sequence. How noisy trials are is learned from them. Running
    trials are taken into account, so that a batch of suggestions spreads out. A failed trial counts
    as the worst so far.
    """

    models: ClassVar[bool] = True

    def proposer(self, space: Space, known: Sequence[Completed], seed: int) -> Proposer:
        """The model, whose kernels are drawn from what the trials leave open."""
        return _Model(space, known, seed)

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
            bound = _Model(space, known, seed).regret(
                generator(seed, Stream.SAMPLER, len(known), 2)
            )
        return bound * unit(values[finite], scaled(values)[finite])


class _Model:
    """The surrogate of a history, and the search for the maximum of its expected improvement.

    Args:
        space: the search space.
        known: trials that have ended; at least one has a value.
        seed: of the study.
    """

    def __init__(self, space: Space, known: Sequence[Completed], seed: int) -> None:
        self.space, self.features = space, Features(space)
        positions, x = self.features.of([each.suggestion for each in known])
        y = objectives(known)
        kept = _subset(y)
        self.positions, self.x, self.y = positions[kept], x[kept], y[kept]
        random = generator(seed, Stream.SAMPLER, len(known), 1)
        self.kernels = drawn_kernels(Evidence(self.x, self.y), _KERNELS, random)

    def propose(
        self, waiting: Sequence[Suggestion], seen: set[str], random: np.random.Generator
    ) -> list[Suggestion]:
        """The best new suggestion, which is added to ``seen``; none if all candidates are old."""
        process = believed(self.kernels, self.x, self.y, self.features.of(waiting)[1], random)
        improvement = ExpectedImprovement(process, self.features.smooth, _EDGE / len(process.x))
        rest = remaining(self.space, seen, _LISTED)
        if rest is not None:
            if not rest:
                return []
            chosen = rest[int(np.argmax(improvement(self.features.of(rest)[1])))]
            seen.add(identity(chosen))
            return [chosen]
        positions, values = self._search(improvement, self._centres(process), random)
        for index in np.argsort(-values, kind="stable"):
            suggestion = self.space.at(positions[index].tolist())
            if identity(suggestion) not in seen and self.space.fits(suggestion):
                seen.add(identity(suggestion))
                return [suggestion]
        return []

    def regret(self, random: np.random.Generator) -> float:
        """The bound of the regret, among random points and neighbours of the best trials."""
        process = Surrogate(self.kernels, self.x, self.y)
        rest = remaining(self.space, set(), _LISTED)
        if rest is not None:
            candidates = self.features.of(rest)[1]
        else:
            positions = random.random((_BOUNDED, len(self.space.keys)))
            centres = self._centres(process)
            around = [_around(centres, width, random) for width in _ROUNDS]
            candidates = self.features.at(np.vstack([positions, *around]))[1]
        return regret(process.predict, self.x, candidates)

    def _centres(self, process: Surrogate) -> Array:
        """Positions of the trials that are probably the best, (centres, keys)."""
        values = process.values[:, : len(self.x)].mean(axis=0)
        return self.positions[np.argsort(values, kind="stable")[:_CENTRES]]

    def _search(
        self, improvement: ExpectedImprovement, centres: Array, random: np.random.Generator
    ) -> tuple[Array, Array]:
        """Positions (m, keys) and their expected improvements (m,), probably with the maximum."""
        keys = len(self.space.keys)
        positions = random.random((_SCATTERED, keys))
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


def _subset(y: Array) -> Array:
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
