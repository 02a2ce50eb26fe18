"""Fitted values come from the disk: those that no data can have are refused, not used."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.base import Preprocess, State
from dlrun.data.preprocess.impute import Impute
from dlrun.data.preprocess.log_mel import LogMel
from dlrun.data.preprocess.min_max import MinMax
from dlrun.data.preprocess.standardize import Standardize
from dlrun.data.preprocess.tokenize import Tokenize
from dlrun.data.target_scaling import TargetScaling

Change = Callable[[Any], Any]
ZERO: Change = np.zeros_like
MISSING: Change = lambda array: np.full_like(array, np.nan)  # noqa: E731
NEGATIVE: Change = np.negative


def texts() -> State:
    words = np.array(["a b c", "b c d"], object)
    return Tokenize().measure(Dataset(words, np.zeros((2, 1), np.float32), "regression"))


PAIR = {"shift": np.array([1.0, 2.0]), "scale": np.array([3.0, 4.0])}
STATES: list[tuple[Preprocess, State]] = [
    (Standardize(), PAIR),
    (MinMax(), PAIR),
    (Impute(), {"fill": np.array([1.0, 2.0])}),
    (LogMel(), {"rate": np.array([8000.0])}),
    (Tokenize(), texts()),
]
DAMAGED = [
    (0, "scale", ZERO),
    (0, "scale", MISSING),
    (0, "shift", MISSING),
    (1, "scale", NEGATIVE),
    (2, "fill", MISSING),
    (3, "rate", ZERO),
    (3, "rate", MISSING),
    (3, "rate", lambda rate: rate * 1e200),
    (4, "length", ZERO),
    (4, "length", NEGATIVE),
]


@pytest.mark.parametrize(("number", "name", "change"), DAMAGED)
def test_a_step_refuses_them(number: int, name: str, change: Change) -> None:
    step, state = STATES[number]
    step.restore(None, state)
    with pytest.raises(ValueError, match="not"):
        step.restore(None, {**state, name: change(state[name])})


@pytest.mark.parametrize(
    ("name", "change"), [("scale", ZERO), ("scale", MISSING), ("shift", MISSING)]
)
def test_targets_refuse_them(name: str, change: Change) -> None:
    TargetScaling.restore("standardize", PAIR)
    with pytest.raises(ValueError, match="not above 0"):
        TargetScaling.restore("standardize", {**PAIR, name: change(PAIR[name])})
