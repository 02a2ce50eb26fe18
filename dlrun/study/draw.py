"""The suggestions of a study that meet the limits of its sweep, and those that do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dlrun.errors import SpecError
from dlrun.search.suggestion import Suggestion
from dlrun.study.propose import propose
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.plan import SweepPlan

_PATIENCE = 500
"""Suggestions in turn that may miss the limits before a study gives up."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """Suggestions of a study.

    Attributes:
        suggestions: all of them, by number of the trial.
        skipped: why some do not meet the limits, by number; these are not trained.
        complete: whether the search has no others.
    """

    suggestions: dict[int, Suggestion] = field(default_factory=dict)
    skipped: dict[int, str] = field(default_factory=dict)
    complete: bool = False

    @property
    def trained(self) -> list[Suggestion]:
        """Those that meet the limits."""
        return [each for number, each in self.suggestions.items() if number not in self.skipped]


def draw(
    plan: SweepPlan,
    prior_trials: PriorTrials,
    count: int,
    first: int = 0,
    past: Sequence[Trial] = (),
    pending: Sequence[Suggestion] = (),
    forgotten: Sequence[Suggestion] = (),
) -> Drawn:
    """The next suggestions of a study, as many as are needed to train ``count``.

    For the sampler, those that are skipped are trials that failed.

    Args:
        plan: of the study.
        prior_trials: trials that it took from other studies.
        count: maximum number of suggestions to train.
        first: trial number of the first suggestion.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        forgotten: suggestions that the sampler does not learn from, and does not repeat.

    Raises:
        SpecError: a value of a suggestion would be undone by another value, or the sampler finds no
            suggestion that meets the limits.
    """
    found, skipped = dict[int, Suggestion](), list[Trial]()
    good = list[Suggestion]()
    complete = False
    limited = any(each.known_before for each in plan.limits)
    while len(good) < count and len(skipped) <= _PATIENCE and not complete:
        new = propose(
            plan,
            prior_trials,
            [*past, *skipped],
            [*pending, *good],
            count - len(good),
            first + len(found),
            forgotten,
        )
        plan.check(new)
        for suggestion in new:
            number = first + len(found)
            found[number] = suggestion
            if reason := plan.unaffordable(suggestion):
                skipped.append(Trial(number, suggestion, "infeasible", (), (), reason))
            else:
                good.append(suggestion)
        complete = len(good) < count and (not new or not limited)
    if len(skipped) > _PATIENCE and not good:
        what = f"none of {len(skipped)} suggestions in turn meets the limits"
        last, advice = skipped[-1].reason, "loosen them, or narrow the space"
        raise SpecError([f"{plan.limits[0].origin}: {what}; the last: {last}; {advice}"])
    return Drawn(found, {each.number: each.reason for each in skipped}, complete)
