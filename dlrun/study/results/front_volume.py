"""The hypervolume of a study's Pareto front."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlrun.search.hypervolume import growth, hypervolume
from dlrun.search.pareto import fronts
from dlrun.study.sweep.objective import Objective

_BEYOND = 0.1
"""How much worse the reference point is than the worst trial of the front, as a fraction of the
range of the front."""


@dataclass(frozen=True, slots=True)
class FrontVolume:
    """The hypervolume of a study's Pareto front.

    Attributes:
        share: as a fraction, 0 to 1, of the box from the best value of every objective to the
            reference point.
        volume: in the units of the objectives, so that studies with the same reference points can
            be compared.
        best: the best value of each objective.
        reference: the reference point.
        growth: the same fraction for the trials up to each completed one, by its number.
    """

    share: float
    volume: float
    best: tuple[float, ...]
    reference: tuple[float, ...]
    growth: Mapping[int, float]


def front_volume(
    points: Mapping[int, Sequence[float]], goals: Sequence[Objective]
) -> FrontVolume | None:
    """The hypervolume of completed trials; None without several objectives or without trials.

    A reference point that the user does not set is a tenth of the front's range worse than the
    worst trial of the front, so that its ends count as well (Ishibuchi, Imada, Setoguchi & Nojima,
    "How to specify a reference point in hypervolume calculation for fair performance comparison",
    Evolutionary Computation 2018). It follows from the front alone, so a diverged trial does not
    move it; but it moves when the front does.

    Args:
        points: of the completed trials in the order of their numbers; lower is better.
        goals: the objectives.
    """
    if len(goals) < 2 or not points:
        return None
    first = [points[number] for number, place in fronts(points).items() if place == 1]
    columns = list(zip(*first, strict=True))
    best, worst = list(map(min, columns)), list(map(max, columns))
    reference = [
        high + _BEYOND * (high - low) if goal.reference is None else goal.sign * goal.reference
        for goal, low, high in zip(goals, best, worst, strict=True)
    ]
    scaled = [
        [_scaled(*each) for each in zip(point, best, reference, goals, strict=True)]
        for point in points.values()
    ]
    shares = growth(scaled, [1.0] * len(goals))
    return FrontVolume(
        shares[-1],
        hypervolume(first, reference),
        tuple(goal.sign * value for goal, value in zip(goals, best, strict=True)),
        tuple(goal.sign * value for goal, value in zip(goals, reference, strict=True)),
        dict(zip(points, shares, strict=True)),
    )


def _scaled(value: float, best: float, reference: float, goal: Objective) -> float:
    """The value on a scale from the best, 0, to the reference, 1."""
    if best < reference:
        return (value - best) / (reference - best)
    # None is better than the user's reference, or all of the front have the same value.
    return 0.0 if value == best and goal.reference is None else 1.0
