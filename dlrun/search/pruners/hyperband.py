"""Hyperband: successive halving from several starts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import Factor, SynchronousPruner, best, powers, pruner


@pruner("hyperband")
class Hyperband(SynchronousPruner):
    """Brackets of successive halving whose first rungs are further and further up.

    Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband: a novel bandit-based approach to
    hyperparameter optimization", JMLR 2018.  Many trials begin at few epochs, some at more, and a
    few are never pruned, so that slow starters have a chance where halving would end them all.
    With R epochs, s_max = the rungs below R, bracket s = s_max ... 0 begins at rung s_max - s and
    gets ceil((s_max + 1) / (s + 1) factor^s) trials, one bracket after another and then from the
    start; trials compare within their bracket.
    """

    min_epochs: PositiveInt = 3
    """Epochs of the lowest rung."""
    factor: Factor = 3
    """How many times the epochs the next rung has, and what part of the trials reaches it."""

    def bracket(self, trial: int, epochs: int) -> int:
        """The number of the bracket, 0 with the lowest rung first, by the trial's number alone."""
        top = len(powers(self.min_epochs, self.factor, epochs))
        sizes = [-(-(top + 1) * self.factor**s // (s + 1)) for s in range(top, -1, -1)]
        place = trial % sum(sizes)
        for number, size in enumerate(sizes):
            if place < size:
                return number
            place -= size
        raise AssertionError

    def rungs(self, epochs: int, bracket: int) -> Sequence[int]:
        """The rungs from that of the bracket's number on; none in the last bracket."""
        return powers(self.min_epochs, self.factor, epochs)[bracket:]

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """Those among the best of the bracket; of equals, the ones that came first."""
        return best(batch, before, self.factor)
