"""HEBO: a Gaussian process of warped inputs and values, and three acquisitions at once."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from benchmarks.search.peers.base import Peer, Worst, active
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


class _Hebo:
    """Keys that do not count are left out; a failure has the worst value so far."""

    def __init__(self, space: Space, seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from hebo.design_space.design_space import DesignSpace
            from hebo.optimizers.hebo import HEBO

            parameters = [
                {"name": key, **_parameter(each)} for key, each in space.dimensions.items()
            ]
            self._hebo = HEBO(DesignSpace().parse(parameters), scramble_seed=seed)
        self._space, self._told, self._row = space, Worst(), None

    def ask(self) -> Suggestion:
        """A row of a table."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._row = self._hebo.suggest(n_suggestions=1)
        values = {}
        for key, each in self._space.dimensions.items():
            value = self._row.iloc[0][key]
            values[key] = _ordered(each)[int(value)] if isinstance(each, Choice) else value
            if isinstance(each, Integer):
                values[key] = int(np.clip(round(value), *each.ends))
        return active(self._space, values)

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value of the row."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._hebo.observe(self._row, np.array([[self._told(value)]]))


def _parameter(each: Dimension) -> dict[str, Any]:
    match each:
        case Choice() if each.ordered:
            return {"type": "int", "lb": 0, "ub": each.size - 1}
        case Choice():
            return {"type": "cat", "categories": [str(number) for number in range(each.size)]}
        case Integer():
            kind = "pow_int" if each.log else "int"
        case LogUniform():
            kind = "pow"
        case _:
            kind = "num"
    low, high = each.ends  # type: ignore[attr-defined]
    return {"type": kind, "lb": low, "ub": high}


def _ordered(each: Choice) -> list[Any]:
    return sorted(each.values) if each.ordered else list(each.values)


PEERS = (Peer("hebo", "HEBO", lambda space, seed, _: _Hebo(space, seed)),)
