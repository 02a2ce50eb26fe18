"""The next suggestions of a study, recorded as batches."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.suggestion import Suggestion
from dlrun.study.draw import draw
from dlrun.study.ledger import Ledger
from dlrun.study.rules import reached
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial


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
    drawn = draw(plan, state.prior_trials, count, state.size, past, pending, forgotten(state))
    limit = plan.trials
    if not drawn.trained and limit is not None and state.drawn < limit:
        ledger.conclusion = Conclusion("space", "all of its values have been tried")
    if drawn.suggestions:
        found = list(drawn.suggestions.values())
        record = {"event": "batch", "batch": len(state.batches), "suggestions": found}
        if drawn.skipped:
            record["skipped"] = [
                {"trial": number, "reason": reason} for number, reason in drawn.skipped.items()
            ]
        ledger.record(record)
    return drawn.trained


def forgotten(state: State) -> list[Suggestion]:
    """The suggestions of the trials that do not count."""
    return [each for number, each in state.trials() if number in state.forgotten]
