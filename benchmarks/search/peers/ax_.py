"""Ax, with the methods that it chooses itself: a Gaussian process and log expected improvement."""

from __future__ import annotations

import logging
import warnings
from typing import Any

from benchmarks.search.peers.base import Peer, active, listed
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


class _Ax:
    """Keys that do not count are left out; failures are reported as such."""

    def __init__(self, space: Space, seed: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from ax.api.client import Client

            logging.getLogger("ax").setLevel(logging.ERROR)
            self._client = Client(random_seed=seed)
            self._client.configure_experiment(
                [_parameter(key, each) for key, each in space.dimensions.items()]
            )
            self._client.configure_optimization("-loss")
        self._space, self._number = space, 0

    def ask(self) -> Suggestion | None:
        """The next trial."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            trials = self._client.get_next_trials(1)
        if not trials:
            return None
        ((self._number, point),) = trials.items()
        values = {
            key: listed(each.values, point[key]) if isinstance(each, Choice) else point[key]
            for key, each in self._space.dimensions.items()
        }
        return active(self._space, values)

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value, or that the trial failed."""
        if value is None:
            self._client.mark_trial_failed(self._number)
        else:
            self._client.complete_trial(self._number, {"loss": value})


def _parameter(key: str, each: Dimension) -> Any:
    from ax.api.configs import ChoiceParameterConfig, RangeParameterConfig

    match each:
        case Choice():
            kinds = {type(value) for value in each.values}
            kind = "str" if str in kinds else "bool" if bool in kinds else "float"
            kind = "int" if kinds == {int} else kind
            values = [float(v) for v in each.values] if kind == "float" else list(each.values)
            return ChoiceParameterConfig(
                name=key, values=values, parameter_type=kind, is_ordered=each.ordered
            )
        case Integer():
            kind, scaling = "int", "log" if each.log else "linear"
        case LogUniform():
            kind, scaling = "float", "log"
        case _:
            kind, scaling = "float", "linear"
    ends = each.ends  # type: ignore[attr-defined]
    return RangeParameterConfig(name=key, bounds=ends, parameter_type=kind, scaling=scaling)


PEERS = (Peer("ax", "ax-platform", lambda space, seed, _: _Ax(space, seed)),)
