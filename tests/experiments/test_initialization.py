"""What docs/guide/initialization.md says of first weights in a deep network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import DivergedError

SPEC = Path(__file__).parents[2] / "experiments" / "initialization" / "deep-mlp.yaml"


def accuracy(initializer: Any, activation: str, runs: Path) -> float:
    """Of the test part, in which each of ten classes is as frequent; 0 where training diverges."""
    overrides = {"initializer": initializer, "params.activation": activation}
    try:
        return float(dlrun.train(SPEC, overrides, runs=runs).result["metrics"]["test.accuracy"])
    except DivergedError:
        return 0.0


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_weights_of_a_wrong_size_learn_next_to_nothing(activation: str, tmp_path: Path) -> None:
    assert accuracy("zeros", activation, tmp_path) < 0.15
    assert accuracy({"normal": 0.01}, activation, tmp_path) < 0.15
    assert accuracy({"normal": 1.0}, activation, tmp_path) < 0.4


@pytest.mark.slow
def test_xavier_fits_tanh_and_not_relu(tmp_path: Path) -> None:
    assert accuracy("xavier_normal", "tanh", tmp_path) > 0.95
    assert accuracy("xavier_normal", "relu", tmp_path) < 0.8


@pytest.mark.slow
def test_he_fits_relu(tmp_path: Path) -> None:
    assert accuracy("he_normal", "relu", tmp_path) > 0.85


@pytest.mark.slow
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_lsuv_fits_both(activation: str, tmp_path: Path) -> None:
    assert accuracy("lsuv", activation, tmp_path) > 0.9


def test_units_that_begin_alike_stay_alike(tmp_path: Path) -> None:
    """Why constants fail: the units of a layer get the same gradient, step after step."""
    run = dlrun.train(
        SPEC, {"initializer": {"constant": 0.05}, "params.depth": 2, "epochs": 2}, runs=tmp_path
    )
    kernels = run._directory.load_weights("last").arrays  # the public functions give no weights
    for name in ("dense_1.kernel", "dense_2.kernel"):
        assert (kernels[name] == kernels[name][:, :1]).all()
