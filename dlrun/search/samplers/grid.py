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

    An inactive key (see ``when``) is not varied. A choice contributes all of its values and
    ``integer`` all of its numbers.
    """

    points: PositiveInt = 5
    """Number of values for a range of real numbers, or for an ``integer`` with ``log``."""

    def suggest(
        self,
        space: Space,
        history: Sequence[Completed],
        pending: Sequence[Suggestion],
        count: int,
        seed: int,
    ) -> list[Suggestion]:
        """The next combinations."""
        seen = tried(history, pending)
        new = (each for each in space.grid(self.points) if identity(each) not in seen)
        return list(islice(new, count))
