"""The next suggestions of a study: points and those of prior studies first, then its sampler's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dlrun.errors import SpecError
from dlrun.rng import Stream, key
from dlrun.search.point import narrowed, without
from dlrun.search.scalarization import scalarized, weights
from dlrun.search.space import Space
from dlrun.search.suggestion import Completed, Suggestion, identity
from dlrun.study.store.prior_trials import PriorTrials
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import history, points
from dlrun.study.sweep.plan import SweepPlan


def propose(
    plan: SweepPlan,
    prior_trials: PriorTrials,
    past: Sequence[Trial],
    pending: Sequence[Suggestion],
    count: int,
    number: int,
    forgotten: Sequence[Suggestion] = (),
) -> list[Suggestion]:
    """The next suggestions; empty if the search is complete.

    The points of the sweep are the first trials, all at once, even if they are more than ``count``.

    Args:
        plan: of the study.
        prior_trials: trials that it took from other studies.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        count: maximum number of suggestions.
        number: trial number of the first suggestion, from 0.
        forgotten: suggestions that the sampler does not learn from, and does not repeat.

    Raises:
        SpecError: no values are left for the keys that a point does not name.
    """
    asked = _Asked(plan, prior_trials, past, without(plan.space, forgotten))
    if plan.first:
        suggestions = _first(asked, pending) if number == 0 else []
    else:  # by their values: trials that a user has enqueued may be among the first ones
        tried = map(identity, [*(trial.suggestion for trial in past), *pending, *forgotten])
        known = set(tried) if prior_trials.first else set[str]()
        left = [each for each in prior_trials.first if identity(each) not in known]
        suggestions = left[:count]
    if len(plan.sweep.goals) == 1 or plan.batch is None:
        more = count - len(suggestions)  # below 0 if more points than that come first
        new = asked.ask([*pending, *suggestions], more, number) if more > 0 else []
        return suggestions + new
    for trial in range(number + len(suggestions), number + count):
        suggestions += asked.ask([*pending, *suggestions], 1, trial)
    return suggestions


def complete(
    plan: SweepPlan,
    prior_trials: PriorTrials,
    past: Sequence[Trial],
    pending: Sequence[Suggestion],
    point: Suggestion,
    number: int,
    forgotten: Sequence[Suggestion] = (),
) -> Suggestion | None:
    """A point with the values of the keys that it does not name; None if no new ones are left.

    Args:
        plan: of the study.
        prior_trials: trials that it took from other studies.
        past: trials that have ended.
        pending: suggestions of trials that have not ended.
        point: values for some keys of the space.
        number: of the trial.
        forgotten: suggestions that are not repeated.
    """
    asked = _Asked(plan, prior_trials, past, without(plan.space, forgotten))
    return asked.complete(point, pending, number)


def observations(
    prior_trials: PriorTrials,
    past: Sequence[Trial],
    values: Sequence[float | None],
    *,
    again: bool = False,
) -> list[Completed]:
    """The input of a sampler.

    Args:
        prior_trials: trials that the study took from other studies.
        past: trials that have ended.
        values: of all of them, the prior ones first; lower is better, None for failed ones.
        again: whether all prior ones may be suggested again, not only those that were pruned.
    """
    prior = prior_trials.known
    observed = [
        Completed(-1 - place, each.suggestion, value, again=again or each.epochs > 0)
        for place, (each, value) in enumerate(zip(prior, values[: len(prior)], strict=True))
    ]
    return observed + history(past, values[len(prior) :])


def _first(asked: _Asked, pending: Sequence[Suggestion]) -> list[Suggestion]:
    """The points of the sweep, and the best settings of prior studies."""
    found: list[Suggestion] = []
    named = [each for each in asked.plan.first if asked.plan.space.contains(each)]
    for number, point in enumerate(asked.plan.first):
        whole = asked.complete(point, [*pending, *found, *named], number)
        if whole is None:
            place = asked.plan.sweep.place_of(f"first.{number}")
            what = "no new values are left for the keys that this point does not name"
            raise SpecError([f"{place}: {what}; remove it, or name them"])
        found.append(whole)
    known = set(map(identity, found))
    return found + [each for each in asked.prior_trials.first if identity(each) not in known]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A sampler with all that it is asked with."""

    plan: SweepPlan
    prior_trials: PriorTrials
    past: Sequence[Trial]
    space: Space

    def ask(
        self,
        pending: Sequence[Suggestion],
        count: int,
        number: int,
        space: Space | None = None,
    ) -> list[Suggestion]:
        """New suggestions of the sampler.

        Args:
            pending: suggestions of trials that have not ended.
            count: maximum number of suggestions.
            number: trial number of the first one.
            space: part of the space to draw from; None for all of it.
        """
        search, seed = self.plan.sampler, self.plan.sweep.seed
        # Claims compare runs of this study, so what another one has tried is not tried here.
        observed = observations(
            self.prior_trials, self.past, self._values(number), again=bool(self.plan.claims)
        )
        if space is None:
            return search.suggest(self.space, observed, pending, count, seed)
        # Other draws than those of the whole space, so that no value is tried in both for nothing.
        seed = key(seed, Stream.SAMPLER, number, 4)
        return search.suggest(space, observed, pending, count, seed)

    def complete(
        self, point: Suggestion, pending: Sequence[Suggestion], number: int
    ) -> Suggestion | None:
        """The point, with values of the sampler for the keys that it does not name."""
        if self.plan.space.contains(point):
            return point
        found = self.ask(pending, 1, number, narrowed(self.space, point))
        return found[0] if found else None

    def _values(self, number: int) -> Sequence[float | None]:
        """One value for each trial, lower is better, for the suggestion of a trial."""
        goals = self.plan.sweep.goals
        known = [*(each.point for each in self.prior_trials.known), *points(self.past, goals)]
        if len(goals) == 1 or self.plan.batch is None:
            return [None if point is None else point[0] for point in known]
        return scalarized(known, weights(self.plan.sweep.seed, number, len(goals)))
