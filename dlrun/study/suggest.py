"""The next suggestions of a study, recorded as batches."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.samplers.base import remaining
from dlrun.search.suggestion import Suggestion, identity
from dlrun.study.draw import draw
from dlrun.study.ledger import Ledger
from dlrun.study.rules import reached
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.plan import SweepPlan


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
        seen = [*(each for _, each in state.trials()), *drawn.suggestions.values()]
        ledger.conclusion = Conclusion("space", _end(plan, state.prior_trials, seen))
    if drawn.suggestions:
        found = list(drawn.suggestions.values())
        record = {"event": "batch", "batch": len(state.batches), "suggestions": found}
        if drawn.skipped:
            record["skipped"] = [
                {"trial": number, "reason": reason} for number, reason in drawn.skipped.items()
            ]
        ledger.record(record)
    return drawn.trained


def _end(plan: SweepPlan, prior_trials: PriorTrials, seen: Sequence[Suggestion]) -> str:
    """Why the sampler suggests nothing more.

    Args:
        plan: of the study.
        prior_trials: trials that it took from other studies.
        seen: all suggestions so far.
    """
    known = (each.suggestion for each in prior_trials.known)
    rest = remaining(plan.space, {identity(each) for each in (*known, *seen)})
    if rest == [] or plan.sampler.kind == "grid":  # whose values are few also in a real range
        return "all of its values have been tried"
    if not plan.space.constraints:
        return "no further values were found"
    what = "no further values were found that satisfy the constraints"
    return f"{what}; loosen one, or widen the space"


def forgotten(state: State) -> list[Suggestion]:
    """The suggestions of the trials that do not count."""
    return [each for number, each in state.trials() if number in state.forgotten]
