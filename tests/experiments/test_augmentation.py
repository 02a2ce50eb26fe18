"""What the guide says of augmentation with few samples."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from statistics import mean
from typing import Any

import pytest
from text_cases import FORTUNES

import dlrun

FOLDER = Path(__file__).parents[2] / "experiments" / "augmentation"
SPEC = FOLDER / "digits-few.yaml"
ASTERISK = Path("/usr/share/asterisk/sounds/en_US_f_Allison")


@pytest.mark.slow
def test_few_digits_are_worth_more_with_augmentation(tmp_path: Path) -> None:
    def accuracy(**keys: Any) -> float:
        runs = (dlrun.train(SPEC, {"seed": s, **keys}, runs=tmp_path) for s in range(5))
        return mean(run.result["metrics"]["test.accuracy"] for run in runs)

    with_it, without = accuracy(), accuracy(augment=[])
    assert with_it >= 0.965
    assert with_it - without >= 0.02


def test_the_reviews_are_what_their_script_writes(tmp_path: Path) -> None:
    script = shutil.copy(FOLDER / "reviews.py", tmp_path)
    subprocess.run([sys.executable, script], check=True)
    for name in ("reviews-train.csv", "reviews-test.csv"):
        assert (tmp_path / name).read_text() == (FOLDER / name).read_text()


def mean_accuracy(spec: Path, runs: Path, **keys: Any) -> float:
    """The mean over seeds 0 to 4."""
    done = (dlrun.train(spec, {"seed": seed, **keys}, runs=runs) for seed in range(5))
    return mean(run.result["metrics"]["test.accuracy"] for run in done)


@pytest.mark.slow
def test_words_that_are_not_in_the_data_are_learned_from_a_table(tmp_path: Path) -> None:
    spec = FOLDER / "reviews-few.yaml"
    with_it = mean_accuracy(spec, tmp_path)
    assert with_it >= 0.7
    assert with_it - mean_accuracy(spec, tmp_path, augment=[]) >= 0.15
    # It is the vocabulary that makes the difference.
    unknown: dict[str, Any] = {"data.preprocess": [{"tokenize": 20}]}
    assert abs(mean_accuracy(spec, tmp_path, **unknown) - 0.5) < 0.05


@pytest.mark.slow
@pytest.mark.skipif(not FORTUNES.is_dir(), reason="Debian's fortunes are not installed")
def test_few_sayings_are_worth_a_little_more(tmp_path: Path) -> None:
    for name in ("fortunes.py", "fortunes-few.yaml"):
        shutil.copy(FOLDER / name, tmp_path)
    subprocess.run([sys.executable, tmp_path / "fortunes.py"], check=True)
    spec = tmp_path / "fortunes-few.yaml"
    with_it, without = (mean_accuracy(spec, tmp_path, **keys) for keys in ({}, {"augment": []}))
    assert with_it - without >= 0.02


@pytest.mark.slow
def test_few_words_are_worth_more_with_augmentation(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    shutil.copytree(
        SPEC.parent, tmp_path / "augmentation", ignore=shutil.ignore_patterns("words", "spoken")
    )
    folder = tmp_path / "augmentation"
    subprocess.run([sys.executable, folder / "words.py"], check=True)

    def accuracy(**keys: Any) -> float:
        spec, runs = folder / "words-few.yaml", tmp_path / "runs"
        found = (dlrun.train(spec, {"seed": s, "epochs": 60, **keys}, runs=runs) for s in range(2))
        return mean(run.result["metrics"]["test.accuracy"] for run in found)

    with_it, without = accuracy(), accuracy(augment=[])
    assert with_it >= 0.72
    assert with_it - without >= 0.15


@pytest.mark.slow
@pytest.mark.skipif(not ASTERISK.is_dir(), reason="Debian's asterisk sounds are not installed")
def test_single_recordings_of_speech_are_worth_more_with_augmentation(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    for name in ("spoken.py", "spoken-few.yaml"):
        shutil.copy(FOLDER / name, tmp_path)
    subprocess.run([sys.executable, tmp_path / "spoken.py"], check=True)

    def accuracy(**keys: Any) -> float:
        found = (
            dlrun.train(tmp_path / "spoken-few.yaml", {"seed": seed, **keys}, runs=tmp_path)
            for seed in range(2)
        )
        return mean(run.result["metrics"]["test.accuracy"] for run in found)

    with_it, without = accuracy(), accuracy(augment=[])
    assert with_it - without >= 0.3
