"""The samplers of dlrun, called as by ``dlrun suggest`` and ``dlrun report-result``."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.search.peers.base import Peer
from dlrun.search.samplers.base import Sampler
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion


class Ours:
    """A search by one of our samplers.

    Args:
        sampler: with its settings.
        space: to search in.
        seed: of the study.
        earlier: trials of earlier studies, with numbers below 0.
    """

    def __init__(
        self, sampler: Sampler, space: Space, seed: int, earlier: Sequence[Completed] = ()
    ) -> None:
        self._sampler, self._space, self._seed = sampler, space, seed
        self._history, self._earlier = list(earlier), len(earlier)

    def ask(self) -> Suggestion | None:
        """One suggestion."""
        found = self._sampler.suggest(self._space, self._history, [], 1, self._seed)
        return found[0] if found else None

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """Add a trial to the history."""
        number = len(self._history) - self._earlier
        self._history.append(Completed(number, suggestion, value))


PEERS = (
    Peer("dlrun-bayes", "", lambda space, seed, _: Ours(Bayes(), space, seed)),
    Peer("random", "", lambda space, seed, _: Ours(Random(), space, seed)),
)
