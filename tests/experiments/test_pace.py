"""Epochs that a training needs to a target."""

from __future__ import annotations

from experiments.lab import Trained
from experiments.pace import epochs_to, pace


def test_the_target_counts_when_it_is_reached_first() -> None:
    assert epochs_to([0.5, 0.9, 0.2], 0.9, 3) == 2
    assert epochs_to([0.5, 0.8, 0.2], 0.9, 3) == 4
    assert epochs_to([0.5, 0.8, 0.2], 0.3, 3, lower=True) == 3
    assert epochs_to([0.5, 0.8, 0.2], 0.5, 3, lower=True) == 1
    assert epochs_to([0.5, 0.8, 0.2], 0.1, 3, lower=True) == 4


def test_a_failed_training_never_reaches_it() -> None:
    failed = Trained({}, 0, {}, 1, None, "the loss became inf")
    assert pace(failed, "validation.loss", 1.0, 20, lower=True) == 21
