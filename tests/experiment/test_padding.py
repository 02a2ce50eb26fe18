"""Preprocessing that hides the padding of series from masking is a fault."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec

Spec = Callable[..., Path]


@pytest.fixture
def series(tmp_path: Path) -> Path:
    """Series of 3 to 8 steps, padded with zeros to 8."""
    random = np.random.default_rng(0)
    x = random.normal(5, 2, (60, 8, 3))
    for row, length in enumerate(random.integers(3, 9, 60)):
        x[row, length:] = 0
    np.savez(tmp_path / "series.npz", x=x, y=np.arange(60) % 2)
    return tmp_path


def keys(*preprocess: Any, model: Any = ("masking", {"lstm": 4})) -> dict[str, Any]:
    source = {"npz": {"path": "series.npz"}}
    data = {"source": source, "split": {"validation": 0.2}, "preprocess": list(preprocess)}
    return {"data": data, "model": [*model, {"dense": "${classes}"}]}


@pytest.mark.parametrize("step", ["standardize", "min_max"])
def test_padding_that_is_found_no_more_is_a_fault(spec: Spec, series: Path, step: str) -> None:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(**keys(step)))
    (line,) = caught.value.faults
    assert "masking finds no step with the value 0, because data.preprocess changed the " in line
    assert line.startswith(f"{series / 'spec.yaml'}:")


def test_padding_that_is_found_is_none(spec: Spec, series: Path) -> None:
    compile_spec(spec(**keys()))


def test_masking_after_another_layer_is_none(spec: Spec, series: Path) -> None:
    compile_spec(spec(**keys("standardize", model=("relu", "masking", {"lstm": 4}))))


def test_series_without_padding_are_none(spec: Spec, series: Path) -> None:
    x = np.random.default_rng(1).normal(5, 2, (60, 8, 3))
    np.savez(series / "series.npz", x=x, y=np.arange(60) % 2)
    compile_spec(spec(**keys("standardize")))
