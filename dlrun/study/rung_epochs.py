"""How many epochs of a run its pruner lets it train, on average."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.pruners.base import PromotingPruner, Pruner, ReplacingPruner, SynchronousPruner


def rungs_of(prune: Pruner | None, epochs: int, trial: int = 0) -> Sequence[int]:
    """The epochs at which a pruner compares trials; none for one that has no rungs.

    Args:
        prune: the pruner; None for none.
        epochs: of a run that is never pruned.
        trial: number of the trial, which determines its bracket.
    """
    if isinstance(prune, SynchronousPruner):
        return prune.rungs(epochs, prune.bracket(trial, epochs))
    return prune.rungs(epochs) if isinstance(prune, PromotingPruner | ReplacingPruner) else ()


def rung_epochs(prune: Pruner | None, epochs: int, trial: int = 0) -> float:
    """Expected epochs of a run: of the trials at a rung, one of ``factor`` continues, or all.

    Args:
        prune: the pruner; None for none.
        epochs: of a run that is never pruned.
        trial: number of the trial, which determines its bracket.
    """
    expected, before, share = 0.0, 0, 1.0
    for rung in [*rungs_of(prune, epochs, trial), epochs]:
        expected += share * (rung - before)
        # A trial that is replaced leaves its epochs to another one.
        before, share = rung, share / getattr(prune, "factor", 1)
    return expected
