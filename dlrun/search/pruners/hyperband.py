"""Hyperband: successive halving with several first rungs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import PositiveInt

from dlrun.search.pruners.base import ReductionFactor, SynchronousPruner, best, powers, pruner


@pruner("hyperband")
class Hyperband(SynchronousPruner):
    """Several rounds of successive halving; later ones start with fewer trials and more epochs.

    Li, Jamieson, DeSalvo, Rostamizadeh & Talwalkar, "Hyperband: a novel bandit-based approach to
    hyperparameter optimization", JMLR 2018.  Many trials are first compared after few epochs, some
    later, and a few are never pruned, so that slow starters that halving would always stop have a
    chance. With R epochs, s_max = the rungs below R, bracket s = s_max ... 0 starts at rung s_max -
    s and gets ceil((s_max + 1) / (s + 1) factor^s) trials, one bracket after another, repeatedly;
    trials are compared within their bracket.
    """

    min_epochs: PositiveInt = 3
    """Epochs at the lowest rung."""
    factor: ReductionFactor = 3
    """Factor by which epochs grow from rung to rung; the best 1/factor of the trials continue."""

    def bracket(self, trial: int, epochs: int) -> int:
        """The bracket's index, from the trial's number; bracket 0 has the lowest first rung."""
        top = len(powers(self.min_epochs, self.factor, epochs))
        sizes = [-(-(top + 1) * self.factor**s // (s + 1)) for s in range(top, -1, -1)]
        place = trial % sum(sizes)
        for number, size in enumerate(sizes):
            if place < size:
                return number
            place -= size
        raise AssertionError

    def rungs(self, epochs: int, bracket: int) -> Sequence[int]:
        """The rungs from the bracket's index on; none in the last bracket."""
        return powers(self.min_epochs, self.factor, epochs)[bracket:]

    def survivors(self, batch: Mapping[int, float], before: Sequence[float]) -> list[int]:
        """The best ones of the bracket; ties go to the earlier trial."""
        return best(batch, before, self.factor)
