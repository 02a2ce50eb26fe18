"""What the guide says of augmentation with few samples."""

from __future__ import annotations

import shutil
import subprocess
import sys
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


@pytest.mark.slow
def test_few_words_are_worth_more_with_augmentation(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    shutil.copytree(SPEC.parent, tmp_path / "augmentation", ignore=shutil.ignore_patterns("words"))
    folder = tmp_path / "augmentation"
    subprocess.run([sys.executable, folder / "words.py"], check=True)

    def accuracy(**keys: Any) -> float:
        spec, runs = folder / "words-few.yaml", tmp_path / "runs"
        found = (dlrun.train(spec, {"seed": s, "epochs": 60, **keys}, runs=runs) for s in range(2))
        return mean(run.result["metrics"]["test.accuracy"] for run in found)

    with_it, without = accuracy(), accuracy(augment=[])
    assert with_it >= 0.72
    assert with_it - without >= 0.15
