"""Pareto fronts of several points."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence

Point = Sequence[float]
"""One value per objective; lower is better."""


def dominates(one: Point, other: Point) -> bool:
    """Whether a point is better than another in some value and worse in none."""
    better = False
    for a, b in zip(one, other, strict=True):
        if a > b:
            return False
        better = better or a < b
    return better


def fronts(points: Mapping[int, Point]) -> dict[int, int]:
    """The front of each point, by number, from 1.

    Points that no other one dominates are the first front, the Pareto front; the second front is
    that of the rest, and so on (Goldberg, "Genetic algorithms in search, optimization and machine
    learning", 1989).

    In lexicographic order, no point is dominated by a later one, and a point that a front
    dominates is dominated by all earlier fronts as well, so the front of each is found by bisection
    (ENS-BS: Zhang, Tian, Cheng & Jin, "An efficient approach to nondominated sorting for
    evolutionary multiobjective optimization", IEEE Transactions on Evolutionary Computation 2015).
    """
    found: dict[int, int] = {}
    levels: list[list[Point]] = []
    for number in sorted(points, key=lambda number: tuple(points[number])):
        point = points[number]

        def free(level: list[Point], point: Point = point) -> bool:
            return not any(dominates(other, point) for other in reversed(level))

        place = bisect_left(levels, True, key=free)
        if place == len(levels):
            levels.append([])
        levels[place].append(point)
        found[number] = place + 1
    return {number: found[number] for number in points}
