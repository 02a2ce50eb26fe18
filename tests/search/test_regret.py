"""The bound of the regret, from means and standard deviations alone."""

from __future__ import annotations

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.search.regret import regret, unit

TRIED = np.array([[0.0], [1.0]])
POINTS = np.array([[2.0], [3.0]])


def told(means: list[float], deviations: list[float]) -> object:
    """A model of the points 0, 1, 2, 3."""

    def predict(x: Array) -> tuple[Array, Array]:
        index = x[:, 0].astype(int)
        return np.array(means)[index], np.array(deviations)[index]

    return predict


@pytest.mark.parametrize(
    ("means", "deviations", "bound"),
    [
        ([1.0, 2.0, 3.0, 3.0], [0.0, 0.0, 0.0, 0.0], 0.0),  # all is known
        ([1.0, 2.0, 0.5, 3.0], [0.0, 0.0, 0.0, 0.0], 0.5),  # a better point is known
        ([1.0, 2.0, 2.0, 3.0], [0.0, 0.0, 0.5, 0.0], 1.0),  # one may be better
        ([1.0, 2.0, 2.0, 3.0], [0.1, 0.0, 0.5, 0.0], 1.4),  # and the best one is uncertain
        ([1.0, 1.1, 9.0, 9.0], [0.5, 0.0, 0.0, 0.0], 2.1),  # the most certain trial counts
    ],
)
def test_the_bound(means: list[float], deviations: list[float], bound: float) -> None:
    assert regret(told(means, deviations), TRIED, POINTS) == pytest.approx(bound)  # type: ignore[arg-type]


def test_the_largest_bound_of_all_settings_counts() -> None:
    def predict(x: Array) -> tuple[Array, Array]:
        means = np.array([[1.0, 2.0, 0.8, 3.0], [1.0, 2.0, 0.5, 3.0]])
        return means[:, x[:, 0].astype(int)], np.zeros((2, len(x)))

    assert regret(predict, TRIED, POINTS) == pytest.approx(0.5)


def test_a_unit_of_the_model_is_measured_among_the_better_half() -> None:
    values = np.array([9e9, 3.0, 1.0, 2.0, 4.0])
    scaled = np.array([2.0, 0.5, -0.5, 0.0, 0.9])
    assert unit(values, scaled) == pytest.approx(2.0)
    assert unit(np.array([1.0, 1.0, 1.0, 5.0]), np.array([0.0, 0.0, 0.0, 2.0])) == 2.0
    assert unit(np.array([1.0, 1.0]), np.array([0.0, 0.0])) == 0.0
