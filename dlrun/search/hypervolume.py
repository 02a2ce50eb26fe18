"""The hypervolume: how much of the space of two or three objectives some points dominate.

It grows whenever a point is added that no other one dominates (Zitzler & Thiele, "Multiobjective
evolutionary algorithms: a comparative case study and the strength Pareto approach", IEEE
Transactions on Evolutionary Computation 1999).
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from dlrun.search.pareto import Point, dominates


def hypervolume(points: Iterable[Point], reference: Point) -> float:
    """The volume of everything that some point dominates and that dominates the reference point.

    Points are added in the order of their last objective. The area that they dominate in the first
    two is multiplied by the distance to the next point (Fonseca, Paquete & Lopez-Ibanez, "An
    improved dimension-sweep algorithm for the hypervolume indicator", CEC 2006). Whole numbers are
    added exactly.

    Args:
        points: one value per objective, lower is better; a point that is not better than the
            reference point in every objective adds nothing.
        reference: two or three values.
    """
    if len(reference) == 2:  # a volume of height 1
        return hypervolume(([*point, 0] for point in points), [*reference, 1])
    inside = [each for each in points if all(a < b for a, b in zip(each, reference, strict=True))]
    inside.sort(key=lambda point: point[2])
    area, volume = _Area(reference), 0.0
    for (x, y, z), after in zip(inside, [*inside[1:], reference], strict=False):
        area.add(x, y)
        volume += area.size * (after[2] - z)
    return volume


def gain(point: Point, others: Iterable[Point], reference: Point) -> float:
    """How much a point adds to the hypervolume of others.

    It is the volume that the point dominates, without the part that the others dominate as well.

    Args:
        point: one value per objective, lower is better.
        others: the other points.
        reference: two or three values.
    """
    sides = [end - value for value, end in zip(point, reference, strict=True)]
    if min(sides) <= 0:
        return 0.0
    shared = [[max(pair) for pair in zip(point, each, strict=True)] for each in others]
    return max(0.0, math.prod(sides) - hypervolume(shared, reference))


def growth(points: Sequence[Point], reference: Point) -> list[float]:
    """The hypervolume of the first point, of the first two, and so on.

    Args:
        points: in the order in which they are added; one value per objective, lower is better.
        reference: two or three values.
    """
    front: list[Point] = []
    total, found = 0.0, []
    for point in points:
        if not any(dominates(each, point) for each in front):
            total += gain(point, front, reference)
            front = [each for each in front if not dominates(point, each)] + [point]
        found.append(total)
    return found


class _Area:
    """The area that points of two objectives dominate, up to a reference point.

    Attributes:
        size: the area.
    """

    def __init__(self, reference: Point) -> None:
        self.size = 0.0
        self._end, self._top = reference[0], reference[1]
        self._x: list[float] = []  # of the points that no other one dominates, increasing
        self._y: list[float] = []  # decreasing

    def add(self, x: float, y: float) -> None:
        """Add a point that is better than the reference point in both."""
        first = bisect_right(self._x, x)
        if first and self._y[first - 1] <= y:
            return
        first = bisect_left(self._x, x)
        last = first
        start, height = x, self._y[first - 1] if first else self._top
        while last < len(self._x) and self._y[last] >= y:  # this point dominates that one
            self.size += (self._x[last] - start) * (height - y)
            start, height = self._x[last], self._y[last]
            last += 1
        end = self._x[last] if last < len(self._x) else self._end
        self.size += (end - start) * (height - y)
        self._x[first:last], self._y[first:last] = [x], [y]
