"""An order of trials by several objectives, so that some of the best can be chosen.

Non-dominated sorting: Deb, Pratap, Agarwal & Meyarivan, "A fast and elitist multiobjective genetic
algorithm: NSGA-II", IEEE Transactions on Evolutionary Computation 2002; in successive halving:
Schmucker, Donini, Zafar, Salinas & Archambeau, "Multi-objective asynchronous successive halving",
2021.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heapify, heappop, heappush

from dlrun.search.hypervolume import gain
from dlrun.search.pareto import Point, fronts


def positions(points: Mapping[int, Point]) -> dict[int, int]:
    """The position of each point in the order, by number, from 0 for the best.

    Points of an earlier front come first. Within a front, the next point is the one that adds most
    to the hypervolume of those before it, so that the first few points of a front represent all of
    it (Guerreiro, Fonseca & Paquete, "Greedy hypervolume subset selection in low dimensions",
    Evolutionary Computation 2016). The volume is that of ranks: each objective is replaced by the
    number of smaller values, so that the order is the same on any scale, and one diverged trial
    does not flatten the others. The reference point is one rank after the worst. Ties go to the
    lower number.

    Args:
        points: two or three values each, lower is better.
    """
    if not points:
        return {}
    ranked, reference = _ranked(points)
    by_front: dict[int, list[int]] = {}
    for number, front in fronts(points).items():
        by_front.setdefault(front, []).append(number)
    order = [
        number
        for front in sorted(by_front)
        for number in _greedy({each: ranked[each] for each in sorted(by_front[front])}, reference)
    ]
    return {number: place for place, number in enumerate(order)}


def _ranked(points: Mapping[int, Point]) -> tuple[dict[int, list[int]], list[int]]:
    """The points with ranks as values, and the rank after the worst of each objective."""
    columns = [sorted(set(column)) for column in zip(*points.values(), strict=True)]
    places = [{value: rank for rank, value in enumerate(column)} for column in columns]
    return {
        number: [place[value] for place, value in zip(places, point, strict=True)]
        for number, point in points.items()
    }, [len(column) for column in columns]


def _greedy(front: Mapping[int, Sequence[int]], reference: Sequence[int]) -> list[int]:
    """The numbers of a front: always the one next that adds most to those before it.

    What a point adds only decreases, so a point whose latest value is still the largest is the next
    (Minoux, "Accelerated greedy algorithms for maximizing submodular set functions", 1978).
    """
    order: list[int] = []
    heap = [(-gain(point, [], reference), number, 0) for number, point in front.items()]
    heapify(heap)
    while heap:
        _, number, known = heappop(heap)
        if known == len(order):
            order.append(number)
        else:
            others = [front[each] for each in order]
            heappush(heap, (-gain(front[number], others, reference), number, len(order)))
    return order
