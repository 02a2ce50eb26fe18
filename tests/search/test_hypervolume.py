"""The hypervolume, against another implementation and its laws."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.hypervolume import gain, growth, hypervolume
from dlrun.search.pareto import dominates

END = 6


def clouds(objectives: int) -> st.SearchStrategy[list[tuple[int, ...]]]:
    point = st.tuples(*[st.integers(0, END + 1)] * objectives)
    return st.lists(point, max_size=12)


CLOUDS = st.one_of(clouds(2), clouds(3)).filter(bool)


def counted(points: list[tuple[int, ...]]) -> int:
    """The unit cubes that a point dominates, one by one."""
    cubes = product(range(END), repeat=len(points[0]))
    return sum(any(all(map(int.__le__, point, cube)) for point in points) for cube in cubes)


@given(CLOUDS)
def test_it_is_the_number_of_dominated_cubes(points: list[tuple[int, ...]]) -> None:
    reference = [END] * len(points[0])
    assert hypervolume(points, reference) == counted(points)


@given(CLOUDS)
def test_what_each_point_adds_makes_the_whole(points: list[tuple[int, ...]]) -> None:
    reference = [END] * len(points[0])
    found = growth(points, reference)
    assert found == [hypervolume(points[: place + 1], reference) for place in range(len(points))]
    for place, point in enumerate(points):
        before = points[:place]
        added = gain(point, before, reference)
        assert added == hypervolume([*before, point], reference) - hypervolume(before, reference)
        if any(dominates(other, point) or other == point for other in before):
            assert added == 0
        elif max(point) < END:
            assert added > 0


@pytest.mark.parametrize("objectives", [2, 3])
def test_it_is_that_of_optuna(objectives: int) -> None:
    theirs: Any = pytest.importorskip("optuna._hypervolume").compute_hypervolume
    random = np.random.default_rng(objectives)
    for size in (1, 2, 7, 60):
        for _ in range(10):
            points = random.normal(size=(size, objectives))
            reference = np.quantile(points, 0.9, axis=0) + 0.1
            ours = hypervolume(points.tolist(), reference.tolist())
            inside = points[np.all(points < reference, axis=1)]
            expected = theirs(inside, reference) if len(inside) else 0.0
            assert ours == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_nothing_is_nothing() -> None:
    assert hypervolume([], [1, 1]) == hypervolume([[1, 0], [0, 2]], [1, 1]) == 0
    assert growth([], [1, 1]) == []


@given(clouds(3).filter(bool))
def test_a_common_height_makes_no_difference(points: list[tuple[int, ...]]) -> None:
    flat = [point[:2] for point in points]
    deep = [(*point, Fraction(1, 3)) for point in flat]
    area, volume = hypervolume(flat, [END] * 2), hypervolume(deep, [END, END, 1])
    assert volume == pytest.approx(area * 2 / 3)
