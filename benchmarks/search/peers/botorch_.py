"""BoTorch: a Gaussian process and log expected improvement, as in its tutorials."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

from benchmarks.search.peers.base import Peer, Worst, active
from dlrun.search.dimensions.base import Dimension
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion

_INITIAL = 5
"""Points of a Sobol sequence before there is a model, as in Ax."""
_STARTS, _SAMPLES = 10, 512
"""Starts of the search for the largest improvement, and the points that they are chosen from."""
_LISTED = 2000
"""Maximum size of a space whose suggestions are all evaluated."""


class _BoTorch:
    """A number is one column in [0, 1], a word one-hot; what is found is rounded to values.

    Inactive keys are constant; a failure has the worst value so far.  The improvement is over the
    best mean of the trials, since values may be noisy.  Ament et al., "Unexpected improvements to
    expected improvement for Bayesian optimization", NeurIPS 2023.
    """

    def __init__(self, space: Space, seed: int) -> None:
        import torch

        self._space, self._told = space, Worst()
        self._points: list[list[float]] = []
        self._values: list[float] = []
        listed = space.size is not None and space.size <= _LISTED
        self._all = [self._point(each) for each in space.grid(0)] if listed else []
        width = sum(map(_width, space.dimensions.values()))
        self._bounds = torch.tensor([[0.0] * width, [1.0] * width], dtype=torch.float64)
        self._sobol = torch.quasirandom.SobolEngine(width, scramble=True, seed=seed)

    def ask(self) -> Suggestion:
        """A point that maximizes the improvement; it may have been tried before."""
        if len(self._points) < _INITIAL:
            return self._suggestion(self._sobol.draw(1)[0].tolist())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._suggestion(self._largest())

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value of the point."""
        self._points.append(self._point(suggestion))
        self._values.append(-self._told(value))

    def _largest(self) -> list[float]:
        import torch
        from botorch.acquisition import LogExpectedImprovement
        from botorch.fit import fit_gpytorch_mll
        from botorch.models import SingleTaskGP
        from botorch.optim import optimize_acqf, optimize_acqf_discrete
        from gpytorch.mlls import ExactMarginalLogLikelihood

        x = torch.tensor(self._points, dtype=torch.float64)
        y = torch.tensor(self._values, dtype=torch.float64)[:, None]
        model: Any = SingleTaskGP(x, y)
        fit_gpytorch_mll(ExactMarginalLogLikelihood(model.likelihood, model))
        with torch.no_grad():
            best = model.posterior(x).mean.max()
        improvement = LogExpectedImprovement(model, best)
        if self._all:
            choices = torch.tensor(self._all, dtype=torch.float64)
            point, _ = optimize_acqf_discrete(improvement, q=1, choices=choices)
        else:
            point, _ = optimize_acqf(
                improvement, self._bounds, q=1, num_restarts=_STARTS, raw_samples=_SAMPLES
            )
        return list(point[0].tolist())

    def _point(self, suggestion: Suggestion) -> list[float]:
        """All columns."""
        return [
            value
            for key, each in self._space.dimensions.items()
            for value in _columns(each, suggestion, key)
        ]

    def _suggestion(self, point: list[float]) -> Suggestion:
        rest, values = iter(point), dict[str, Any]()
        for key, each in self._space.dimensions.items():
            values[key] = _value(each, rest)
        return active(self._space, values)


def _width(each: Dimension) -> int:
    return 1 if each.ordered or each.size is None else each.size


def _columns(each: Dimension, suggestion: Suggestion, key: str) -> list[float]:
    if each.ordered:
        return [each.position(suggestion[key]) if key in suggestion else 0.5]
    return [float(key in suggestion and value == suggestion[key]) for value in each.grid(0)]


def _value(each: Dimension, columns: Iterator[float]) -> Any:
    """The value at the next column, or the word with the largest one."""
    if each.ordered:
        return each.at(next(columns))
    return max([(next(columns), -n, value) for n, value in enumerate(each.grid(0))])[2]


PEERS = (Peer("botorch", "botorch", lambda space, seed, _: _BoTorch(space, seed)),)
