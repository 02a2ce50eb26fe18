"""Which trials surely dominate others, by their seeds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.search.pareto import dominates
from dlrun.study.results.domination import (
    front,
    means,
    surely_dominated,
    surely_on_front,
    uncertain,
)

ERROR = 0.025
SURE = [0.0, 0.0]

POINTS = st.dictionaries(
    st.integers(0, 20), st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=9
)


@given(POINTS)
def test_without_chance_it_is_plain_dominance(points: dict[int, tuple[int, int]]) -> None:
    """Costs are the same with every seed, so everything is certain about them."""
    field = {number: [[value] * 3 for value in point] for number, point in points.items()}
    assert means(field) == {number: list(point) for number, point in points.items()}
    for number, point in points.items():
        expected = {other for other, each in points.items() if dominates(point, each)}
        assert surely_dominated(field, number, ERROR, SURE) == expected
    if len(set(points.values())) == len(points):  # equal ones may each take the other's place
        assert not uncertain(field, ERROR, SURE)
        assert all(surely_on_front(field, number, ERROR, SURE) for number in front(field))


def test_a_cost_alone_decides_nothing() -> None:
    """Cheaper, and perhaps not worse: nobody knows."""
    loss = {0: [0.30, 0.34, 0.32], 1: [0.31, 0.33, 0.35], 2: [0.90, 0.95, 0.91]}
    cost = {0: 10.0, 1: 5.0, 2: 20.0}
    field = {number: [loss[number], [cost[number]] * 3] for number in loss}
    assert front(field) == [0, 1]
    assert uncertain(field, ERROR, SURE) == {0}  # 1 is cheaper than both others
    assert surely_dominated(field, 0, ERROR, SURE) == {2}
    assert surely_dominated(field, 1, ERROR, SURE) == {2}


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_few_decisions_are_wrong(seeds: int) -> None:
    """Trial 0 is truly on the front, trial 1 truly is not, by a hair each."""
    random = np.random.default_rng(seeds)
    true = np.array([[0.0, 1.0], [0.01, 1.01], [1.0, 0.0], [2.0, 2.0], [0.5, 0.5]])
    wrong, studies = np.zeros(2), 400
    for _ in range(studies):
        shared = random.normal(size=(1, 2, seeds))
        values = true[:, :, None] + random.normal(size=(5, 2, seeds)) + shared
        field = dict(enumerate(values.tolist()))
        sure = set(field) - uncertain(field, ERROR, SURE)
        on_front = set(front(field))
        wrong += [0 in sure - on_front, 1 in sure & on_front]
    assert (wrong <= ERROR * studies + 3 * (ERROR * studies) ** 0.5).all()
