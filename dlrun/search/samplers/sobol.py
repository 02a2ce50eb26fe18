"""Evenly spread points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import PositiveInt

from dlrun.rng import Stream, generator, key
from dlrun.search.samplers.base import Sampler, begun, left, novel, sampler, tried
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion

_FIRST_BLOCK = 6
"""Points are generated in blocks of powers of two, the first of 2^6."""


@sampler("sobol")
class Sobol(Sampler):
    """The points of a scrambled Sobol sequence: like random ones, but spread more evenly.

    Sobol, USSR Comp. Math. and Math. Phys. 7 (1967); scrambled as in Owen, "Scrambling Sobol and
    Niederreiter-Xing points", J. Complexity 14 (1998). Use it to cover the space evenly if all keys
    may matter, or if all trials are analysed together.
    """

    trials: PositiveInt | None = None
    """Total number of trials; null: until nothing is left to try. A power of two is most even."""

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """The next points of the sequence."""
        first, seen = begun(history, pending), tried(history, pending)
        # Always from the start: points that were tried are skipped, in whatever order they were
        # tried.
        points = sequence(len(space.keys), seed)
        random = generator(seed, Stream.SAMPLER, first)
        return novel(space, points, seen, left(self.trials, first, count), random)


def sequence(dimensions: int, seed: int) -> Iterator[Sequence[float]]:
    """The points of a seed's sequence, in [0, 1)."""
    from scipy.stats.qmc import Sobol as Engine

    engine = Engine(dimensions, rng=key(seed, Stream.SAMPLER))
    size = _FIRST_BLOCK
    yield from engine.random_base2(size).tolist()
    while True:
        yield from engine.random_base2(size).tolist()
        size += 1
