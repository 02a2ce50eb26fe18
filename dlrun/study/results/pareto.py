"""Which of several points are not beaten in everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Point = Sequence[float]
"""A value an objective, less is better."""


def dominates(one: Point, other: Point) -> bool:
    """Whether a point is nowhere worse than another, and somewhere better."""
    pairs = list(zip(one, other, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def fronts(points: Mapping[int, Point]) -> dict[int, int]:
    """The front of each point, by number, from 1.

    Those that no other dominates are the first, the Pareto front; the second is that of the rest,
    and so on (Goldberg, "Genetic algorithms in search, optimization and machine learning", 1989).
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
