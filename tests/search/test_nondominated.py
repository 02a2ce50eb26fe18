"""The order of trials by several objectives."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.hypervolume import gain, hypervolume
from dlrun.search.nondominated import positions
from dlrun.search.pareto import fronts

POINTS = st.integers(2, 3).flatmap(
    lambda objectives: st.dictionaries(
        st.integers(0, 50),
        st.lists(st.integers(0, 5), min_size=objectives, max_size=objectives),
        max_size=15,
    )
)


@given(POINTS)
def test_everyone_has_a_position_and_earlier_fronts_come_first(
    points: dict[int, list[int]],
) -> None:
    found, front = positions(points), fronts(points)
    assert sorted(found.values()) == list(range(len(points)))
    order = sorted(found, key=lambda number: found[number])
    assert [front[number] for number in order] == sorted(front.values())


@given(POINTS)
def test_only_the_order_of_values_counts(points: dict[int, list[int]]) -> None:
    """A diverged trial does not flatten the others, and a logarithm changes nothing."""
    stretched = {
        number: [math.exp(30 * value) if place else value / 7 for place, value in enumerate(point)]
        for number, point in points.items()
    }
    assert positions(stretched) == positions(points)
    assert positions(dict(reversed(points.items()))) == positions(points)


@given(POINTS)
def test_each_adds_most_to_those_before_it(points: dict[int, list[int]]) -> None:
    found, front = positions(points), fronts(points)
    columns = [sorted(set(column)) for column in zip(*points.values(), strict=True)]
    ranks = {
        number: [column.index(value) for column, value in zip(columns, point, strict=True)]
        for number, point in points.items()
    }
    reference = [len(column) for column in columns]
    for level in set(front.values()):
        here = sorted((n for n in front if front[n] == level), key=lambda n: found[n])
        for place, number in enumerate(here):
            before = [ranks[each] for each in here[:place]]
            rest = {n: gain(ranks[n], before, reference) for n in here[place:]}
            assert (-rest[number], number) == min((-value, n) for n, value in rest.items())


def test_a_few_of_a_front_are_all_over_it() -> None:
    """Of a line of nine, the middle comes first, then one on each side, no neighbours."""
    found = positions({number: (number, 8 - number) for number in range(9)})
    middle, *sides = sorted(found, key=lambda number: found[number])[:3]
    low, high = sorted(sides)
    assert middle == 4
    assert low <= 2
    assert high >= 6


def test_none() -> None:
    assert positions({}) == {}


Order = Callable[[Mapping[int, Sequence[float]]], Mapping[int, float]]


def by_crowding(points: Mapping[int, Sequence[float]]) -> dict[int, float]:
    """As in NSGA-II: within a front, the largest distance of neighbours first."""
    front, found = fronts(points), dict[int, tuple[float, float, int]]()
    for level in set(front.values()):
        here = [number for number in front if front[number] == level]
        distance = dict.fromkeys(here, 0.0)
        for place in range(2):
            order = sorted(here, key=lambda number: points[number][place])
            spread = points[order[-1]][place] - points[order[0]][place] or 1.0
            distance[order[0]] = distance[order[-1]] = math.inf
            for before, number, after in zip(order, order[1:], order[2:], strict=False):
                distance[number] += (points[after][place] - points[before][place]) / spread
        found |= {number: (level, -distance[number], number) for number in here}
    order = sorted(found, key=lambda number: found[number])
    return {number: place for place, number in enumerate(order)}


def halved(order: Order, curves: np.ndarray, sizes: np.ndarray) -> tuple[list[int], int]:
    """The trials that halving trains for all 27 epochs, and the epochs of all trials."""
    alive, epochs, before = list(range(len(curves))), 0, 0
    for rung in (3, 9):
        epochs, before = epochs + len(alive) * (rung - before), rung
        places = order({n: [float(curves[n, rung - 1]), float(sizes[n])] for n in alive})
        alive = sorted(alive, key=lambda n: places[n])[: max(1, len(alive) // 3)]
    return alive, epochs + len(alive) * (27 - before)


@pytest.mark.slow
@pytest.mark.parametrize(("trials", "than_crowding"), [(27, 0.03), (81, -0.001)])
def test_halving_with_this_order_finds_a_better_front(trials: int, than_crowding: float) -> None:
    """Hypervolume of loss and size, of the trials that are trained to the end.

    It is compared with crowding distances, with the first objective alone, and with as many epochs
    in full trainings.
    """
    orders: dict[str, Order] = {
        "ours": positions,
        "crowding": by_crowding,
        "first": lambda points: {number: point[0] for number, point in points.items()},
    }
    found: dict[str, list[float]] = {name: [] for name in (*orders, "full")}
    for seed in range(60):
        random = np.random.default_rng(seed)
        sizes, rates = random.uniform(2, 5, trials), random.uniform(-4, 0, trials)
        end = 0.05 + 0.5 * (10**sizes) ** -0.25 + 0.08 * (rates + 2.5) ** 2
        end += 0.02 * np.abs(random.normal(size=trials))
        speed = 0.5 + 1.5 * random.random(trials)
        falls = 0.6 * np.arange(1, 28)[None] ** -speed[:, None] * (10 ** sizes[:, None]) ** 0.05
        curves = end[:, None] + falls + 0.01 * random.normal(size=(trials, 27))
        last = np.c_[curves[:, -1], sizes]
        reference = np.quantile(last, 0.9, axis=0)
        box = np.prod(reference - last.min(axis=0))
        for name, order in orders.items():
            alive, epochs = halved(order, curves, sizes)
            found[name].append(hypervolume(last[alive].tolist(), reference.tolist()) / box)
        full = last[: epochs // 27].tolist()
        found["full"].append(hypervolume(full, reference.tolist()) / box)
    ours, crowding, first, full_mean = (np.mean(each) for each in found.values())
    assert ours - crowding > than_crowding
    assert ours - first > 0.2
    assert ours - full_mean > 0.05
