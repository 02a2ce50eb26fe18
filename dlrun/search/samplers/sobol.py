"""Points that leave no gaps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import PositiveInt

from dlrun.rng import Stream, generator, key
from dlrun.search.samplers.base import Sampler, begun, left, novel, sampler, tried
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion

_FIRST_BLOCK = 6
"""The points come in powers of two, the first of them 2^6."""


@sampler("sobol")
class Sobol(Sampler):
    """The points of a scrambled Sobol sequence: as random ones, but spread more evenly.

    Sobol, USSR Comp. Math. and Math. Phys. 7 (1967); scrambled as in Owen, "Scrambling Sobol and
    Niederreiter-Xing points", J. Complexity 14 (1998). Fill the space with it where all keys may
    matter, or where the trials are to be looked at as a whole.
    """

    trials: PositiveInt | None = None
    """Trials in all; null goes on until nothing is left to try. A power of two is most even."""

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
        # From the start: what was tried is skipped, whatever the order it came in.
        points = sequence(len(space.keys), seed)
        random = generator(seed, Stream.SAMPLER, first)
        return novel(space, points, seen, left(self.trials, first, count), random)


def sequence(dimensions: int, seed: int) -> Iterator[Sequence[float]]:
    """The points of the sequence that belongs to a seed, in [0, 1)."""
    from scipy.stats.qmc import Sobol as Engine

    engine = Engine(dimensions, rng=key(seed, Stream.SAMPLER))
    size = _FIRST_BLOCK
    yield from engine.random_base2(size).tolist()
    while True:
        yield from engine.random_base2(size).tolist()
        size += 1
