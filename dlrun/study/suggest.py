"""What a study tries next: its first suggestions, then what its search makes of its trials."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.search.scalarization import scalarized, weights
from dlrun.search.suggestion import Completed, Suggestion
from dlrun.study.store.prior_trials import Earlier
from dlrun.study.store.trials import Trial, history, points
from dlrun.study.sweep.compile import Plan


def propose(
    plan: Plan,
    earlier: Earlier,
    past: Sequence[Trial],
    pending: Sequence[Suggestion],
    count: int,
    number: int,
) -> list[Suggestion]:
    """The next suggestions; none where the search is over.

    Args:
        plan: of the study.
        earlier: what it took from other studies.
        past: trials that have ended.
        pending: those that have not.
        count: of suggestions, at most.
        number: of the first of them, from 0.
    """
    sweep, search = plan.sweep, plan.sweep.search
    if plan.trials is not None:
        search = search.model_copy(update={"trials": None})
    known = [*(each.point for each in earlier.known), *points(past, sweep.goals)]
    found = list(earlier.first[number : number + count])

    def ask(values: Sequence[float | None], count: int) -> list[Suggestion]:
        ours = len(earlier.known)
        seen = [
            Completed(-1 - place, each.suggestion, value, again=each.epochs > 0)
            for place, (each, value) in enumerate(zip(earlier.known, values[:ours], strict=True))
        ]
        seen += history(past, values[ours:])
        return search.suggest(plan.space, seen, [*pending, *found], count, sweep.seed)

    if len(sweep.goals) == 1 or plan.batch is None:
        values = [None if point is None else point[0] for point in known]
        return found + ask(values, count - len(found))
    for each in range(number + len(found), number + count):
        shares = weights(sweep.seed, each, len(sweep.goals))
        found += ask(scalarized(known, shares), 1)
    return found
