"""The next suggestions of a study, recorded as batches."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.suggestion import Suggestion
from dlrun.study.ledger import Ledger
from dlrun.study.propose import propose
from dlrun.study.rules import reached
from dlrun.study.store.trial import Trial

_ALL = 1_000_000
"""Suggestions at once of a sampler that does not learn from results."""


def batch(ledger: Ledger, number: int) -> dict[int, Suggestion]:
    """The trials of a batch by number, suggested now or before; empty if all are suggested.

    A batch is always suggested in full, even if fewer trials are requested now: a later call of
    the study may request more.

    Args:
        ledger: of the study.
        number: of the batch, from 0.
    """
    limit, batches = ledger.plan.trials, ledger.state.batches
    first = sum(map(len, batches[:number]))
    if limit is not None and first >= limit:
        return {}
    if number == len(batches):
        past = [trial for trial in ledger.trials() if trial.status != "unfinished"]
        if not suggest(ledger, past, [], batch_size(ledger)):
            return {}
    trials = enumerate(batches[number], start=first)
    return {trial: each for trial, each in trials if limit is None or trial < limit}


def batch_size(ledger: Ledger) -> int:
    """The number of suggestions of the next batch; fewer may be requested now."""
    limit = ledger.plan.trials
    return ledger.plan.batch or (_ALL if limit is None else limit - ledger.state.size)


def suggest(
    ledger: Ledger, past: Sequence[Trial], pending: Sequence[Suggestion], count: int
) -> Sequence[Suggestion]:
    """The next suggestions, recorded as a batch; empty if the search is complete or a rule ends it.

    Args:
        ledger: of the study; gets the rule as its conclusion.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        count: maximum number of suggestions.

    Raises:
        SpecError: a value of a suggestion would be undone by another value.
    """
    plan, state = ledger.plan, ledger.state
    ledger.conclusion = reached(plan, state.prior_trials, past)
    if ledger.conclusion is not None:
        return []
    suggestions = propose(plan, state.prior_trials, past, pending, count, state.size)
    if suggestions:
        plan.check(suggestions)
        number = len(state.batches)
        ledger.record({"event": "batch", "batch": number, "suggestions": suggestions})
    return suggestions
