"""How many epochs of a run its pruner lets it train, on average."""

from __future__ import annotations

from dlrun.search.pruners.base import Pruner


def rung_epochs(prune: Pruner | None, epochs: int, trial: int = 0) -> float:
    """Expected epochs of a run: of the trials at a rung, one of ``factor`` continues, or all.

    Args:
        prune: the pruner; None for none.
        epochs: of a run that is never pruned.
        trial: number of the trial, which determines its bracket.
    """
    expected, before, share = 0.0, 0, 1.0
    rungs = () if prune is None else prune.stages(epochs, trial)
    for rung in [*rungs, epochs]:
        expected += share * (rung - before)
        # A trial that is replaced leaves its epochs to another one.
        before, share = rung, share / getattr(prune, "factor", 1)
    return expected
