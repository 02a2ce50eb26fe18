"""How many trials a study has."""

from __future__ import annotations

from dlrun.study.store.state import State
from dlrun.study.sweep.design import Design


def length(design: Design, state: State) -> int | None:
    """Number of trials that a study will have trained; None if that is not known.

    Args:
        design: of the study.
        state: with the trials that were added so far; those of a grid are known once it has begun,
            if all are suggested at once.
    """
    limit, sweep = design.sweep.trials, design.sweep
    if limit is None and sweep.search.kind == "grid" and state.batches and design.batch is None:
        limit = state.drawn
    return None if limit is None else limit + len(state.enqueued | state.forks.keys())
