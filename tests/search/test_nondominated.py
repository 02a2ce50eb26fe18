"""The order of trials by several objectives."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.hypervolume import gain
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
