"""The next suggestions of a study, recorded as batches."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.errors import SpecError
from dlrun.search.suggestion import Suggestion
from dlrun.study.ledger import Ledger
from dlrun.study.propose import propose
from dlrun.study.rules import reached
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial

_PATIENCE = 500
"""Suggestions in turn that may miss the limits before a study gives up."""


def suggest(
    ledger: Ledger, past: Sequence[Trial], pending: Sequence[Suggestion], count: int
) -> Sequence[Suggestion]:
    """The next suggestions, recorded as a batch; empty if the search is complete or a rule ends it.

    The search is complete, too, if the space has no further values.

    Suggestions whose costs do not meet the limits of the sweep are recorded as well, and the
    sampler is asked again: for it, they are trials that failed.

    Args:
        ledger: of the study; gets the rule, or the end of the space, as its conclusion.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        count: maximum number of suggestions to train.

    Raises:
        SpecError: a value of a suggestion would be undone by another value, or the sampler finds no
            suggestion that meets the limits.
    """
    plan, state = ledger.plan, ledger.state
    ledger.conclusion = reached(plan, state.prior_trials, past)
    if ledger.conclusion is not None:
        return []
    found, skipped = list[Suggestion](), list[Trial]()
    good = list[Suggestion]()
    while len(good) < count and len(skipped) <= _PATIENCE:
        new = propose(
            plan,
            state.prior_trials,
            [*past, *skipped],
            [*pending, *good],
            count - len(good),
            state.size + len(found),
            forgotten(state),
        )
        plan.check(new)
        for suggestion in new:
            reason = plan.unaffordable(suggestion)
            if reason:
                number = state.size + len(found)
                skipped.append(Trial(number, suggestion, "infeasible", (), (), reason))
            else:
                good.append(suggestion)
            found.append(suggestion)
        if not new or not any(each.known_before for each in plan.limits):
            break
    if skipped and not good and len(skipped) > _PATIENCE:
        what = f"none of {len(skipped)} suggestions in turn meets the limits"
        last, advice = skipped[-1].reason, "loosen them, or narrow the space"
        raise SpecError([f"{plan.limits[0].origin}: {what}; the last: {last}; {advice}"])
    limit = plan.trials
    if not new and not good and limit is not None and state.drawn < limit:
        ledger.conclusion = Conclusion("space", "all of its values have been tried")
    if found:
        record = {"event": "batch", "batch": len(state.batches), "suggestions": found}
        if skipped:
            record["skipped"] = [{"trial": each.number, "reason": each.reason} for each in skipped]
        ledger.record(record)
    return good


def forgotten(state: State) -> list[Suggestion]:
    """The suggestions of the trials that do not count."""
    return [each for number, each in state.trials() if number in state.forgotten]
