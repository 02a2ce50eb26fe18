"""Every combination."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from pydantic import PositiveInt

from dlrun.search.samplers.base import Sampler, sampler, tried
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity


@sampler("grid")
class Grid(Sampler):
    """Every combination of values, in the order of the sweep; the last key changes fastest.

    A key whose ``when`` does not hold multiplies nothing. A choice gives all of its values and
    ``integer`` all of its numbers.
    """

    points: PositiveInt = 5
    """Values of a range of real numbers, or of an ``integer`` with ``log``."""

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """The next ones of the grid."""
        seen = tried(history, pending)
        new = (each for each in space.grid(self.points) if identity(each) not in seen)
        return list(islice(new, count))
