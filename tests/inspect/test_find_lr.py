from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dlrun.experiment.compile import compile_spec
from dlrun.inspect.find_lr import find_lr
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]


def test_a_step_is_one_of_training(spec: Spec) -> None:
    """With a range that is no range but for rounding, the losses are those of a run."""
    keys = {"optimizer": {"sgd": {"lr": 0.05}}, "clip": {"norm": 0.5}, "epochs": 4}
    compiled = compile_spec(spec(**keys))
    test = find_lr(compiled, 0.05, 0.05 * (1 + 1e-12), 20)
    losses = [getattr(event, "loss", None) for event in Session(compiled).run(Stop())]
    expected = [loss for loss in losses if loss is not None]
    np.testing.assert_allclose(test.losses, expected, rtol=1e-5)


def test_the_experiment_is_left_alone(spec: Spec) -> None:
    compiled = compile_spec(spec(schedule="cosine", average={"ema": 0.9}))
    before = compiled.experiment.model_copy()
    find_lr(compiled, 1e-4, 1.0, 25)
    assert compiled.experiment == before


def test_the_suggestion_is_where_the_curve_falls_fastest(spec: Spec) -> None:
    test = find_lr(compile_spec(spec()), 1e-6, 10.0, 100)
    assert test.suggestion is not None
    assert test.suggestion < test.least
    place, bottom = test.rates.index(test.suggestion), test.rates.index(test.least)
    assert test.smoothed[bottom] == min(test.smoothed)
    slopes = np.diff(test.smoothed[: bottom + 1])
    assert slopes[place - 1 : place + 1].min() == pytest.approx(slopes.min(), rel=0.2)
