from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.pareto import dominates, fronts

POINTS = st.dictionaries(
    st.integers(0, 50), st.lists(st.integers(0, 5), min_size=3, max_size=3), max_size=20
)


def test_equal_points_are_on_one_front() -> None:
    assert fronts({0: (1, 2), 1: (2, 1), 2: (1, 2), 3: (2, 2), 4: (3, 3)}) == {
        0: 1,
        1: 1,
        2: 1,
        3: 2,
        4: 3,
    }


@given(POINTS)
def test_a_point_is_one_front_behind_the_last_that_dominates_it(
    points: dict[int, list[int]],
) -> None:
    found = fronts(points)
    assert found.keys() == points.keys()
    for number, point in points.items():
        above = [found[other] for other, each in points.items() if dominates(each, point)]
        assert found[number] == 1 + max(above, default=0)
