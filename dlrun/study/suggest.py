"""The next suggestions of a study, recorded as batches."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.suggestion import Suggestion
from dlrun.study.ledger import Ledger
from dlrun.study.propose import propose
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial

_ALL = 1_000_000
"""Suggestions at once of a sampler that does not learn from results."""


def batch(ledger: Ledger, number: int) -> dict[int, Suggestion] | None:
    """The trials of a batch by number, suggested now or before; None if all are suggested.

    A batch is always suggested in full, even if fewer trials are requested now: a later call of
    the study may request more.  Trials that are forgotten are left out.

    Args:
        ledger: of the study.
        number: of the batch, from 0.
    """
    limit, state = ledger.plan.trials, ledger.state
    if number == len(state.batches):
        if limit is not None and state.drawn >= limit:
            return None
        count = ledger.plan.batch or (_ALL if limit is None else limit - state.drawn)
        past = [trial for trial in ledger.trials() if trial.ended]
        if not suggest(ledger, past, [], count):
            return None
    first = sum(map(len, state.batches[:number]))
    here = range(first, first + len(state.batches[number]))
    return {
        trial: each
        for trial, each in state.requested(limit)
        if trial in here and trial not in state.forgotten
    }


def suggest(
    ledger: Ledger, past: Sequence[Trial], pending: Sequence[Suggestion], count: int
) -> Sequence[Suggestion]:
    """The next suggestions, recorded as a batch; empty if the search is complete.

    Args:
        ledger: of the study.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        count: maximum number of suggestions.

    Raises:
        SpecError: a value of a suggestion would be undone by another value.
    """
    plan, state = ledger.plan, ledger.state
    suggestions = propose(
        plan, state.prior_trials, past, pending, count, state.size, forgotten(state)
    )
    if suggestions:
        plan.check(suggestions)
        number = len(state.batches)
        ledger.record({"event": "batch", "batch": number, "suggestions": suggestions})
    return suggestions


def forgotten(state: State) -> list[Suggestion]:
    """The suggestions of the trials that do not count."""
    return [each for number, each in state.trials() if number in state.forgotten]
