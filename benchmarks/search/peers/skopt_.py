"""scikit-optimize's Optimizer with its defaults."""

from __future__ import annotations

import warnings
from typing import Any

from benchmarks.search.peers.base import Peer, Worst, active
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


class _Skopt:
    """It knows no conditions, so keys that do not count are drawn and left out, and no failures."""

    def __init__(self, space: Space, seed: int) -> None:
        from skopt import Optimizer

        self._space, self._told = space, Worst()
        dimensions = [_dimension(each) for each in space.dimensions.values()]
        self._optimizer = Optimizer(dimensions, random_state=seed)
        self._point: list[Any] = []

    def ask(self) -> Suggestion:
        """A point, which may have been tried before."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of points that it proposes again
            self._point = self._optimizer.ask()
        return active(self._space, dict(zip(self._space.keys, self._point, strict=True)))

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value of the point."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._optimizer.tell(self._point, self._told(value))


def _dimension(each: Dimension) -> Any:
    from skopt.space import Categorical, Real
    from skopt.space import Integer as Whole

    match each:
        case Choice():
            return Categorical(each.values)
        case Integer():
            return Whole(*each.ends, prior="log-uniform" if each.log else "uniform")
        case LogUniform():
            return Real(*each.ends, prior="log-uniform")
    return Real(*each.ends)  # type: ignore[attr-defined]


PEERS = (Peer("skopt", "scikit-optimize", lambda space, seed, _: _Skopt(space, seed)),)
