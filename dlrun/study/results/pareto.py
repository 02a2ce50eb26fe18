"""Pareto fronts of several points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Point = Sequence[float]
"""One value per objective; lower is better."""


def dominates(one: Point, other: Point) -> bool:
    """Whether a point is better than another in some value and worse in none."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def fronts(points: Mapping[int, Point]) -> dict[int, int]:
    """The front of each point, by number, from 1.

    Points that no other one dominates are the first front, the Pareto front; the second front is
    that of the rest, and so on (Goldberg, "Genetic algorithms in search, optimization and machine
    learning", 1989).
    """
    found: dict[int, int] = {}
    rest, front = dict(points), 0
    while rest:
        front += 1
        here = [
            number
            for number, point in rest.items()
            if not any(dominates(other, point) for other in rest.values())
        ]
        for number in here:
            found[number] = front
            del rest[number]
    return found
