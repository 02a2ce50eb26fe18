"""The batches of a study, in which its trials are suggested."""

from __future__ import annotations

from dlrun.search.suggestion import Suggestion
from dlrun.study.ledger import Ledger
from dlrun.study.rules import reached
from dlrun.study.suggest import suggest

_ALL = 1_000_000
"""Suggestions at once of a sampler that does not learn from results."""


def batch(ledger: Ledger, number: int) -> dict[int, Suggestion] | None:
    """The trials of a batch by number, suggested now or before; None if all are suggested.

    A batch is always suggested in full, even if fewer trials are requested now: a later call of
    the study may request more.  Trials that are forgotten or infeasible are left out, and all of a
    batch that has not begun if a rule ends the study before it: the rule may be new.

    Args:
        ledger: of the study.
        number: of the batch, from 0.
    """
    limit, state = ledger.plan.trials, ledger.state
    if number == len(state.batches):
        if limit is not None and state.drawn >= limit:
            return None
        past = [trial for trial in ledger.trials() if trial.ended]
        if not suggest(ledger, past, [], batch_size(ledger)):
            return None
    elif _ends_before(ledger, number):
        return {}
    first = _first(ledger, number)
    here = range(first, first + len(state.batches[number]))
    return {
        trial: each
        for trial, each in state.requested(limit)
        if trial in here and trial not in state.forgotten and trial not in state.skipped
    }


def _ends_before(ledger: Ledger, number: int) -> bool:
    """Whether a rule ends the study before a batch that was suggested and has not begun."""
    state = ledger.state
    if _first(ledger, number) < state.settled:
        return False
    past = [trial for trial in ledger.trials() if trial.ended]
    ledger.conclusion = reached(ledger.plan, state.prior_trials, past)
    return ledger.conclusion is not None


def _first(ledger: Ledger, number: int) -> int:
    """The first trial of a batch."""
    return sum(map(len, ledger.state.batches[:number]))


def batch_size(ledger: Ledger) -> int:
    """The number of suggestions of the next batch; fewer may be requested now."""
    limit = ledger.plan.trials
    return ledger.plan.batch or (_ALL if limit is None else limit - ledger.state.drawn)
