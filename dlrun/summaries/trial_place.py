"""The order of the trials of a study, and the place of one of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.collection.journal import Journal

_ROUNDING = 1e-12
"""A relative difference of two means that is due to rounding."""


@dataclass(frozen=True, slots=True)
class RankedTrial:
    """A completed trial.

    Attributes:
        rank: from 1, the same for equal scores.
        trial: its number, from 0.
        score: mean of the objective over its runs.
        values: by key of the spec.
    """

    rank: int
    trial: int
    score: float
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TrialPlace:
    """The place of a trial among the completed trials of its study.

    Attributes:
        study: the directory.
        trial: its number, from 0; None if the name of the run does not contain it.
        repeat: index of the seed, from 0; None likewise.
        repeats: runs of each trial.
        objective: the score that orders the trials; None with several objectives.
        rank: from 1; None if the trial is not completed, or with several objectives.
        ranked: number of completed trials.
        neighbours: the trial itself and those next to it in the order.
    """

    study: str
    trial: int | None
    repeat: int | None
    repeats: int
    objective: str | None
    rank: int | None
    ranked: int
    neighbours: Sequence[RankedTrial]


def ranked(journal: Journal) -> list[RankedTrial]:
    """The completed trials of a study with one objective, the best first."""
    means = journal.means()
    if not means:
        return []
    sign = 1.0 if journal.objectives[0][1] == "min" else -1.0
    found: list[RankedTrial] = []
    for trial in sorted(means, key=lambda each: (sign * means[each], each)):
        score, rank = means[trial], len(found) + 1
        if found and math.isclose(found[-1].score, score, rel_tol=_ROUNDING):
            rank = found[-1].rank
        found.append(RankedTrial(rank, trial, score, journal.values(trial)))
    return found


def trial_place(
    study: str, journal: Journal, trial: int | None, repeat: int | None, around: int = 1
) -> TrialPlace:
    """The place of a trial.

    Args:
        study: the directory.
        journal: of the study.
        trial: its number, from 0; None if it is unknown.
        repeat: index of the seed of the run; None if it is unknown.
        around: number of neighbours on either side.
    """
    order = ranked(journal)
    at = next((place for place, each in enumerate(order) if each.trial == trial), None)
    near = [] if at is None else order[max(0, at - around) : at + around + 1]
    return TrialPlace(
        study,
        trial,
        repeat,
        journal.repeats,
        journal.objectives[0][0] if len(journal.objectives) == 1 else None,
        None if at is None else order[at].rank,
        len(order),
        tuple(near),
    )
