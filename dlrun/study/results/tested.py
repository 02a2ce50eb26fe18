"""The tests of the claims of a study, after any number of its seeds."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.study.store.look import Look
from dlrun.study.store.rungs import first_scores
from dlrun.study.store.state import State
from dlrun.study.sweep.design import Design
from dlrun.study.sweep.verdicts import Measured, ScoredTrial, Verdict, judge


def verdicts(design: Design, state: State) -> list[Verdict]:
    """The claims, tested at all looks that the study has recorded, or else with all seeds.

    Args:
        design: of the study.
        state: of the study.
    """
    if design.sweep.looks is None:
        return _after(design, state, design.sweep.repeats)
    return _after(design, state, state.looks[-1].repeats if state.looks else 0)


def look(design: Design, state: State, seeds: int) -> Look:
    """What is known of the claims after so many seeds.

    Args:
        design: of the study.
        state: of the study.
        seeds: that its trials have, one of the looks of the sweep.
    """
    found = _after(design, state, seeds)
    last = seeds == design.sweep.repeats
    return Look(
        seeds,
        [each.name for each in found if each.holds],
        [each.name for each in found if not each.holds and (each.futile or last)],
        [each.name for each in found if each.open and not last],
    )


def _after(design: Design, state: State, seeds: int) -> list[Verdict]:
    """The claims after the looks up to so many seeds; scores of later ones change nothing."""
    if not design.claims:
        return []
    looks = design.sweep.schedule
    past = [_measured(design, state, each) for each in looks if each <= seeds]
    none = {goal.score: Measured([]) for goal in design.sweep.goals}
    return judge(design.claims, past or [none], looks)


def _measured(design: Design, state: State, seeds: int) -> dict[str, Measured]:
    """The trials whose first runs, one per seed, all have scores; by objective."""
    goals, found = design.sweep.goals, list[tuple[int, Sequence[Sequence[float]]]]()
    for number, _ in state.requested(design.trials):
        if number not in state.forgotten and number not in state.pruned:
            rows = [first_scores(state, number, goal, seeds) for goal in goals]
            known = [row for row in rows if row is not None]
            if len(known) == len(rows):
                found.append((number, known))
    values = dict(state.trials())
    return {
        goal.score: Measured(
            [ScoredTrial(values[number], rows[place]) for number, rows in found],
            goal.sign,
            state.scale(goal.score).step,
        )
        for place, goal in enumerate(goals)
    }
