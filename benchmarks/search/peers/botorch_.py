"""BoTorch: a Gaussian process and log expected improvement, as in its tutorials."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

from benchmarks.search.peers.base import Peer, Worst, active
from dlrun.search.dimensions.base import Dimension
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion

_INITIAL = 5
"""Points of a Sobol sequence before there is a model, as in Ax."""
_STARTS, _SAMPLES = 10, 512
"""Starts of the search for the largest improvement, and the points that they are chosen from."""


@dataclass(frozen=True, slots=True)
class _Column:
    """A key as a column of the model.

    Attributes:
        dimension: of the key.
        values: all values if they are words, whose column has their indices; otherwise None, and
            the column has positions.
    """

    dimension: Dimension
    values: list[Any] | None

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value of the column."""
        steps = self.steps
        return (steps[0], steps[-1]) if steps else (0.0, 1.0)

    @property
    def steps(self) -> list[float] | None:
        """All values of the column; None if there is a range of them."""
        if self.values:
            return [float(index) for index in range(len(self.values))]
        each = self.dimension
        if each.size is None:
            return None
        return sorted(each.position(value) for value in each.grid(each.size))

    def first(self, draw: float) -> float:
        """From a number in [0, 1]."""
        return float(int(draw * len(self.values))) if self.values else draw

    def value(self, at: float) -> Any:
        """Of the key."""
        return self.values[round(at)] if self.values else self.dimension.at(at)

    def at(self, suggestion: Suggestion, key: str) -> float:
        """Of the column; a constant if the key does not count."""
        if key not in suggestion:
            return 0.0 if self.values else 0.5
        value = suggestion[key]
        return float(self.values.index(value)) if self.values else self.dimension.position(value)


class _BoTorch:
    """Inactive keys are constant in the model; a failure has the worst value so far.

    Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization",
    NeurIPS 2023.  The improvement is over the best mean of the trials, since values may be noisy.
    """

    def __init__(self, space: Space, seed: int) -> None:
        import torch

        self._space, self._told = space, Worst()
        self._points: list[list[float]] = []
        self._values: list[float] = []
        self._columns = {
            key: _Column(each, None if each.ordered else list(each.grid(each.size or 0)))
            for key, each in space.dimensions.items()
        }
        self._sobol = torch.quasirandom.SobolEngine(len(space.keys), scramble=True, seed=seed)

    def ask(self) -> Suggestion:
        """A point that maximizes the improvement; it may have been tried before."""
        columns = self._columns.values()
        if len(self._points) < _INITIAL:
            draws = self._sobol.draw(1)[0].tolist()
            point = [each.first(draw) for each, draw in zip(columns, draws, strict=True)]
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                point = self._largest()
        pairs = zip(self._columns.items(), point, strict=True)
        return active(self._space, {key: each.value(at) for (key, each), at in pairs})

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value of the point."""
        self._points.append([each.at(suggestion, key) for key, each in self._columns.items()])
        self._values.append(-self._told(value))

    def _largest(self) -> list[float]:
        import torch
        from botorch.acquisition import LogExpectedImprovement
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import MixedSingleTaskGP, SingleTaskGP
        from botorch.optim import optimize_acqf, optimize_acqf_mixed_alternating
        from gpytorch.mlls import ExactMarginalLogLikelihood

        columns = list(enumerate(self._columns.values()))
        steps = {i: each.steps for i, each in columns if each.steps}
        words = [i for i, each in columns if each.values]
        x = torch.tensor(self._points, dtype=torch.float64)
        y = torch.tensor(self._values, dtype=torch.float64)[:, None]
        model: Any = MixedSingleTaskGP(x, y, cat_dims=words) if words else SingleTaskGP(x, y)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        with torch.no_grad():
            best = model.posterior(x).mean.max()
        improvement = LogExpectedImprovement(model, best)
        bounds = torch.tensor([each.ends for _, each in columns], dtype=torch.float64).T
        kind: dict[str, Any] = {"num_restarts": _STARTS, "raw_samples": _SAMPLES}
        if steps:
            kind["discrete_dims"] = {i: each for i, each in steps.items() if i not in words}
            kind["cat_dims"] = {i: each for i, each in steps.items() if i in words}
            point, _ = optimize_acqf_mixed_alternating(improvement, bounds, **kind)
        else:
            point, _ = optimize_acqf(improvement, bounds, q=1, **kind)
        return list(point[0].tolist())


PEERS = (Peer("botorch", "botorch", lambda space, seed, _: _BoTorch(space, seed)),)
