"""The experiments that a newcomer runs first reach the scores that their pages promise."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest

import dlrun

QUICKSTART = Path(__file__).parents[2] / "experiments" / "quickstart"
SEEDS = 5


def scores(spec: str, metric: str, runs: Path) -> list[float]:
    results = [dlrun.train(QUICKSTART / spec, {"seed": seed}, runs=runs) for seed in range(SEEDS)]
    return [run.result["metrics"][metric] for run in results]


@pytest.mark.slow
def test_digits_with_a_small_cnn(tmp_path: Path) -> None:
    assert mean(scores("digits-cnn.yaml", "test.accuracy", tmp_path)) >= 0.985


@pytest.mark.slow
def test_breast_cancer_with_an_mlp(tmp_path: Path) -> None:
    assert mean(scores("breast-cancer-mlp.yaml", "test.accuracy", tmp_path)) >= 0.96


@pytest.mark.slow
def test_diabetes_with_an_mlp(tmp_path: Path) -> None:
    assert mean(scores("diabetes-mlp.yaml", "test.r2", tmp_path)) >= 0.40
