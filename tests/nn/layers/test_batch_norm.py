"""Batch normalization whose averages are frozen."""

from __future__ import annotations

import numpy as np
from layer_cases import bench

from dlrun.nn.layers.batch_norm import BatchNorm


def test_frozen_averages_stay_and_training_is_evaluation() -> None:
    training, evaluating = (
        bench(BatchNorm(frozen=True), (3, 4), training=t) for t in (True, False)
    )
    averages = [training.parameters[name].value.copy() for name in ("mean", "variance")]
    training.bound.forward()
    evaluating.bound.forward()
    np.testing.assert_array_equal(training.y.value, evaluating.y.value)
    for before, name in zip(averages, ("mean", "variance"), strict=True):
        np.testing.assert_array_equal(before, training.parameters[name].value)


def test_what_is_not_frozen_moves() -> None:
    of = bench(BatchNorm(), (3, 4))
    before = of.parameters["mean"].value.copy()
    of.bound.forward()
    assert (before != of.parameters["mean"].value).all()
