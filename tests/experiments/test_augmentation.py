"""What the guide says of augmentation with few samples."""

from __future__ import annotations

from pathlib import Path
from statistics import mean
from typing import Any

import pytest

import dlrun

SPEC = Path(__file__).parents[2] / "experiments" / "augmentation" / "digits-few.yaml"


@pytest.mark.slow
def test_few_digits_are_worth_more_with_augmentation(tmp_path: Path) -> None:
    def accuracy(**keys: Any) -> float:
        runs = (dlrun.train(SPEC, {"seed": s, **keys}, runs=tmp_path) for s in range(5))
        return mean(run.result["metrics"]["test.accuracy"] for run in runs)

    with_it, without = accuracy(), accuracy(augment=[])
    assert with_it >= 0.965
    assert with_it - without >= 0.02
