"""The hypervolume of a study's front."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.study.results.front_volume import front_volume
from dlrun.study.sweep.objective import Objective

LOSS, COST = Objective(minimize="validation.loss"), Objective(minimize="cost.parameters")
ACCURACY = Objective(maximize="validation.accuracy")

POINTS = st.dictionaries(
    st.integers(0, 30), st.lists(st.integers(0, 9), min_size=2, max_size=2), min_size=1
)


def test_the_box_ends_a_tenth_beyond_the_front() -> None:
    points = {0: [0.2, 30.0], 1: [0.4, 10.0], 2: [0.3, 20.0], 3: [9e9, 90.0]}
    found = front_volume(points, [LOSS, COST])
    assert found is not None
    assert found.best == (0.2, 10.0)
    assert found.reference == pytest.approx((0.42, 32.0))  # a diverged trial moves nothing
    # In steps of 0.1 and 10: widths up to 2.2 each, from 0, 1 and 2.
    assert found.share == pytest.approx((0.2 * 2.2 + 1.0 * 1.2 + 1.0 * 0.2 + 0) / 2.2**2)
    assert found.volume == pytest.approx(found.share * 2.2**2)
    assert list(found.growth) == [0, 1, 2, 3]
    assert found.growth[0] == pytest.approx(2.2 * 0.2 / 2.2**2)
    assert found.growth[3] == found.growth[2] == found.share


def test_or_where_the_user_says() -> None:
    goals = [
        Objective(maximize="validation.accuracy", reference=0.5),
        Objective(minimize="cost.parameters", reference=100.0),
    ]
    found = front_volume({0: [-0.9, 50.0], 1: [-0.7, 20.0], 2: [-0.4, 1.0]}, goals)
    assert found is not None
    assert found.reference == (0.5, 100.0)
    assert found.best == (0.9, 1.0)
    assert found.volume == pytest.approx(0.4 * 50 + 0.2 * 30)  # trial 2 is below 0.5
    assert found.share == pytest.approx(found.volume / (0.4 * 99))


def test_no_trial_reaches_the_reference_point() -> None:
    goals = [Objective(maximize="validation.accuracy", reference=0.95), COST]
    found = front_volume({0: [-0.9, 50.0], 1: [-0.7, 20.0]}, goals)
    assert found is not None
    assert found.share == found.volume == 0.0


def test_one_objective_or_no_trial_has_none() -> None:
    assert front_volume({0: [0.5]}, [LOSS]) is None
    assert front_volume({}, [LOSS, COST]) is None


def test_a_single_best_trial_fills_the_box() -> None:
    found = front_volume({0: [0.5, 3.0], 1: [0.2, 3.0]}, [LOSS, COST])
    assert found is not None
    assert found.share == 1.0


@given(POINTS)
def test_it_is_a_fraction_that_grows(points: dict[int, list[int]]) -> None:
    points = dict(sorted(points.items()))
    for goals in ([LOSS, COST], [Objective(minimize="a", reference=6.5), COST]):
        found = front_volume(points, goals)
        assert found is not None
        shares = list(found.growth.values())
        assert shares == sorted(shares)
        assert shares[0] >= 0.0
        assert found.share == shares[-1] <= 1.0 + 1e-12


@pytest.mark.parametrize("objectives", [2, 3])
def test_it_is_that_of_random_points_in_the_box(objectives: int) -> None:
    random = np.random.default_rng(objectives)
    cloud = random.normal(size=(30, objectives))
    goals = [LOSS, COST, Objective(minimize="cost.training")][:objectives]
    found = front_volume(dict(enumerate(cloud.tolist())), goals)
    assert found is not None
    best, reference = np.array(found.best), np.array(found.reference)
    draws = best + random.random((100_000, objectives)) * (reference - best)
    inside = np.zeros(len(draws), bool)
    for point in cloud:
        inside |= (point <= draws).all(axis=1)
    assert found.share == pytest.approx(inside.mean(), abs=0.01)


def test_a_trial_at_the_reference_point_beats_nothing() -> None:
    goals = [
        Objective(minimize="validation.loss", reference=0.5),
        Objective(minimize="cost.parameters", reference=100.0),
    ]
    found = front_volume({0: [0.5, 50.0], 1: [0.5, 20.0]}, goals)
    assert found is not None
    assert (found.share, found.volume) == (0.0, 0.0)
    assert set(found.growth.values()) == {0.0}
