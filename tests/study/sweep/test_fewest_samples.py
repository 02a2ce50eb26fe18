"""The step of a score is that of the smallest set that a trial may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import study

SPLIT, ACCURACY = "data.split.validation", "validation.accuracy"
ADAM = {"optimizer": ["sgd", "adam"]}


@pytest.mark.parametrize(
    ("space", "samples"),
    [
        ({"params.units": [4, 8]}, 22),
        ({SPLIT: [0.1, 0.5]}, 11),
        ({SPLIT: [0.5, 0.1], "params.units": [4, 8]}, 11),
        ({SPLIT: {"uniform": [0.1, 0.5]}}, 11),
        ({SPLIT: [0.4, 0.5], "params.units": [4, 8]}, 44),  # no trial has the spec's own 22
        ({**ADAM, SPLIT: {"choice": [0.4, 0.5], "when": {"optimizer": "adam"}}}, 22),
    ],
)
def test_the_smallest_set_decides(tmp_path: Path, space: dict[str, Any], samples: int) -> None:
    with study(tmp_path, space=space) as ledger:
        assert ledger.state.scale(ACCURACY).step == pytest.approx(1 / samples)
        assert ledger.state.scale("test.accuracy").step == pytest.approx(1 / 22)
