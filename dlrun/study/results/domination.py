"""Which trials are surely better than others in several objectives, by their seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set

from dlrun.intervals import deviation
from dlrun.search.pareto import fronts
from dlrun.selection import worse

Field = Mapping[int, Sequence[Sequence[float]]]
"""The values of each trial: one row per objective with one value per seed; lower is better."""


def means(field: Field) -> dict[int, list[float]]:
    """The mean of each objective over the seeds, by trial."""
    return {number: [math.fsum(row) / len(row) for row in rows] for number, rows in field.items()}


def front(field: Field) -> list[int]:
    """The trials whose means no other trial dominates."""
    return [number for number, place in fronts(means(field)).items() if place == 1]


def surely_dominated(field: Field, by: int, error: float, steps: Sequence[float]) -> Set[int]:
    """The trials that one trial dominates with sufficient certainty.

    It has to be significantly better in every objective, so the error probability need not be
    divided by the number of objectives (intersection-union test: Berger, "Multiparameter hypothesis
    testing and acceptance sampling", Technometrics 1982). In objectives that do not vary with the
    seed, such as a number of parameters, it has to be at least as good, and better in one.

    Args:
        field: the trials.
        by: the trial.
        error: the probability that a trial is among those returned that is better in some
            objective, for all of them together.
        steps: of each objective; see ``intervals.Scale``.
    """
    found, strictly = set(field) - {by}, set[int]()
    for place, step in enumerate(steps):
        surely_worse = _surely_worse(field, by, place, error, step)
        equal = _equal(field, by, place, step)
        found &= surely_worse | equal
        strictly |= surely_worse
    return found & strictly


def surely_on_front(field: Field, number: int, error: float, steps: Sequence[float]) -> bool:
    """Whether every other trial is significantly worse in some objective.

    Args:
        field: the trials.
        number: of the trial in question.
        error: the probability of such a result if a trial dominates it.
        steps: of each objective; see ``intervals.Scale``.
    """
    rest = set(field) - {number}
    for place, step in enumerate(steps):
        rest -= _surely_worse(field, number, place, error, step)
    return not rest


def uncertain(field: Field, error: float, steps: Sequence[float]) -> Set[int]:
    """The trials that may or may not be on the front.

    Those of the front that another trial may dominate, and those that no trial of the front surely
    dominates.

    Args:
        field: the trials, with two or more seeds.
        error: the probability of a wrong decision, per trial.
        steps: of each objective; see ``intervals.Scale``.
    """
    first = front(field)
    sure = {number for number in first if surely_on_front(field, number, error, steps)}
    for number in first:
        sure |= surely_dominated(field, number, error, steps) - set(first)
    return set(field) - sure


def _surely_worse(field: Field, than: int, place: int, error: float, step: float) -> Set[int]:
    rows = {number: row[place] for number, row in field.items()}
    if _is_exact(rows, step):
        return {number for number, row in rows.items() if row[0] > rows[than][0]}
    return worse(rows, than, error, step)


def _equal(field: Field, to: int, place: int, step: float) -> Set[int]:
    """The trials with exactly the same value in an objective that does not vary with the seed."""
    rows = {number: row[place] for number, row in field.items()}
    if not _is_exact(rows, step):
        return set()
    return {number for number, row in rows.items() if row[0] == rows[to][0]}


def _is_exact(rows: Mapping[int, Sequence[float]], step: float) -> bool:
    return step == 0.0 and all(deviation(row) == 0.0 for row in rows.values())
