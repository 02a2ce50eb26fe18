"""Nevergrad's NGOpt, which chooses an algorithm by the space and the number of trials."""

from __future__ import annotations

import warnings
from typing import Any

from benchmarks.search.peers.base import Peer, Worst, active, listed
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion


class _Nevergrad:
    """Keys that do not count are left out; a failure has the worst value so far."""

    def __init__(self, space: Space, seed: int, trials: int) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import nevergrad

            keys = {key: _parameter(each) for key, each in space.dimensions.items()}
            parameters = nevergrad.p.Dict(**keys)
            parameters.random_state.seed(seed)
            self._optimizer = nevergrad.optimizers.NGOpt(parameters, budget=trials)
        self._space, self._told, self._candidate = space, Worst(), None

    def ask(self) -> Suggestion:
        """A candidate, which may have been tried before."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._candidate = self._optimizer.ask()
        values = {
            key: listed(each.values, value) if isinstance(each, Choice) else value
            for key, each in self._space.dimensions.items()
            for value in (self._candidate.value[key],)
        }
        return active(self._space, values)

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value of the candidate."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._optimizer.tell(self._candidate, self._told(value))


def _parameter(each: Dimension) -> Any:
    from nevergrad import p

    match each:
        case Choice():
            kind = p.TransitionChoice if each.ordered else p.Choice
            return kind(sorted(each.values) if each.ordered else list(each.values))
        case Integer():
            low, high = each.ends
            scale = p.Log if each.log else p.Scalar
            return scale(lower=low, upper=high).set_integer_casting()
        case LogUniform():
            low, high = each.ends
            return p.Log(lower=low, upper=high)
    low, high = each.ends  # type: ignore[attr-defined]
    return p.Scalar(lower=low, upper=high)


PEERS = (Peer("nevergrad", "nevergrad", _Nevergrad, budgeted=True),)
