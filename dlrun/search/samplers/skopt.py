"""scikit-optimize's own search."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from dlrun.search.features import Features
from dlrun.search.samplers.base import novel, sampler
from dlrun.search.samplers.model_based import ModelBased, Proposer, objectives
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion


@sampler("skopt")
class Skopt(ModelBased):
    """scikit-optimize's Optimizer, as in its gp_minimize: a single, most likely Gaussian process.

    It starts with points of a Sobol sequence. A running trial counts as if it had the best value so
    far, which spreads a batch (its strategy "cl_min"); a failed one counts as the worst. It is
    slower than ``bayes``. If it proposes an earlier trial again, a random new one is tried. Use
    it to compare.
    """

    acquisition: Literal["ei", "lcb", "pi"] = "ei"
    """What is maximized: expected improvement, lower confidence bound, or probability of
    improvement."""

    def proposer(self, space: Space, known: Sequence[Completed], seed: int) -> Proposer:
        """An Optimizer that learns all trials for every proposal."""
        return _Replayed(space, known, self.acquisition.upper())


class _Replayed:
    """An Optimizer keeps no state between two proposals.

    Args:
        space: the search space; ordered keys become positions, words their index.
        known: trials that have ended; at least one has a value.
        acquisition: its name there.
    """

    def __init__(self, space: Space, known: Sequence[Completed], acquisition: str) -> None:
        self.space, self.features, self.acquisition = space, Features(space), acquisition
        self.free = [
            (number, None if each.size is None or each.ordered else each.size)
            for number, each in enumerate(space.dimensions.values())
            if each.size != 1
        ]
        self.points = self._points([each.suggestion for each in known])
        self.values = objectives(known).tolist()

    def propose(
        self, waiting: Sequence[Suggestion], seen: set[str], random: np.random.Generator
    ) -> list[Suggestion]:
        """What it asks for, if it is new."""
        from skopt import Optimizer
        from skopt.space import Categorical, Real

        optimizer = Optimizer(
            [
                Real(0.0, 1.0) if words is None else Categorical(list(range(words)))
                for _, words in self.free
            ],
            n_initial_points=0,
            acq_func=self.acquisition,
            random_state=int(random.integers(2**31)),
        )
        lies = [min(self.values)] * len(waiting)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about fits that end at a bound
            optimizer.tell(self.points + self._points(waiting), self.values + lies)
            point = optimizer.ask()
        positions = np.full(len(self.space.keys), 0.5)
        for (number, words), at in zip(self.free, point, strict=True):
            positions[number] = at if words is None else (at + 0.5) / words
        return novel(self.space, iter([positions.tolist()]), seen, 1, random)

    def _points(self, suggestions: Sequence[Any]) -> list[list[Any]]:
        positions, _ = self.features.of(suggestions)
        return [
            [
                float(row[number]) if words is None else int(row[number] * words)
                for number, words in self.free
            ]
            for row in positions
        ]
