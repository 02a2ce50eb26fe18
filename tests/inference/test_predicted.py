from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import r2_score

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.inference.predicted import POINTS, SEPARATE, PredictedValues
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.run_directory.curves import Curves


def collected(said: Array, true: Array) -> Curves | None:
    data = Dataset(np.zeros((len(true), 1), np.float32), true, "regression")
    watch = PredictedValues(MeanSquaredError(), data, "validation", seed=1)
    for start in range(0, len(true), 64):
        watch(said[start : start + 64], true[start : start + 64])
    return watch.result()


def values(*shape: int) -> tuple[Array, Array]:
    draw = np.random.default_rng(0)
    true = 1000 + draw.standard_normal(shape).astype(np.float32)
    return true + 0.1 * draw.standard_normal(shape).astype(np.float32), true


@pytest.mark.parametrize("targets", [1, SEPARATE])
def test_each_of_a_few_targets_has_its_values(targets: int) -> None:
    said, true = values(200, targets)
    found = collected(said, true)
    assert found is not None and len(found.predicted) == targets
    for column, each in enumerate(found.predicted):
        assert each.name == ("target" if targets == 1 else f"target {column + 1}")
        assert each.values == 200
        assert each.true == pytest.approx(true[:, column], rel=1e-5)
        assert each.predicted == pytest.approx(said[:, column], rel=1e-5)
        error = said[:, column].astype(np.float64) - true[:, column]
        assert each.rmse == pytest.approx(np.sqrt(np.mean(error**2)))
        assert each.bias == pytest.approx(error.mean())
        assert each.r2 == pytest.approx(r2_score(true[:, column], said[:, column]))


@pytest.mark.parametrize("shape", [(5000, 1), (3000, SEPARATE), (40, 90), (50, 12, 12, 1)])
def test_many_values_are_drawn_at_random(shape: tuple[int, ...]) -> None:
    said, true = values(*shape)
    found = collected(said, true)
    assert found is not None
    drawn = sum(len(each.true) for each in found.predicted)
    assert 0.85 * POINTS < drawn < 1.15 * POINTS
    assert sum(each.values for each in found.predicted) == true.size
    assert found.decisions == len(true)
    for each in found.predicted:
        assert set(each.true) <= {float(f"{value:.6g}") for value in true.reshape(-1).tolist()}
        assert len(each.true) == len(each.predicted)
    assert collected(said, true) == found


def test_constant_targets_have_no_r2() -> None:
    found = collected(np.ones((5, 1), np.float32), np.zeros((5, 1), np.float32))
    assert found is not None and found.predicted[0].r2 is None


def test_predictions_that_are_not_finite_have_no_picture() -> None:
    said, true = values(10, 1)
    said[3] = np.inf
    assert collected(said, true) is None
