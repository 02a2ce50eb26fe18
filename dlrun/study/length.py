"""How many trials a study has."""

from __future__ import annotations

from dlrun.study.store.state import State
from dlrun.study.sweep.sweep import Sweep


def length(sweep: Sweep, state: State) -> int | None:
    """Number of trials that a study will have trained; None if that is not known.

    Args:
        sweep: of the study.
        state: with the trials that were added so far; those of a grid are known once it has begun.
    """
    limit = sweep.trials
    if limit is None and sweep.search.kind == "grid" and state.batches:
        limit = state.drawn
    return None if limit is None else limit + len(state.enqueued | state.forks.keys())
