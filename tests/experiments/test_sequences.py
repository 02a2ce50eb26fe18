"""The experiments with sequences learn what their files say."""

from __future__ import annotations

from pathlib import Path

import pytest

import dlrun

SEQUENCES = Path(__file__).parents[2] / "experiments" / "sequences"


@pytest.mark.slow
def test_an_lstm_adds_marked_numbers(tmp_path: Path) -> None:
    for seed in (0, 1):
        run = dlrun.train(SEQUENCES / "adding-lstm.yaml", {"seed": seed}, runs=tmp_path)
        assert run.result["metrics"]["test.r2"] > 0.97
