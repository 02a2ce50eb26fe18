"""The experiment on augmentation: its data, its sweeps, and that it runs and can be read."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from quick_experiment import quick_run

import dlrun
from dlrun.study.sweep.compile import read_plan
from experiments.augmentation import fortunes, reviews, sounds, spoken, words
from experiments.augmentation.comparison import Comparison, best_rate, of_pool
from experiments.augmentation.images import CLEAN, accuracies, noisy, rotated, shifted
from experiments.lab import Trained

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "experiments" / "augmentation"


def images(*pixels: tuple[int, int]) -> Any:
    """An image of 8 x 8 pixels for each white pixel."""
    made = np.zeros((len(pixels), 8, 8, 1), np.float32)
    for image, place in zip(made, pixels, strict=True):
        image[place] = 1
    return made


def test_the_images_have_no_faults_without_further_files() -> None:
    assert read_plan(FOLDER / "images.yaml").sweep.name == "images"


@pytest.mark.parametrize("name", ["sounds", "reviews", "fortunes"])
def test_a_sweep_trains_with_the_files_that_its_module_writes(name: str, tmp_path: Path) -> None:
    if name == "fortunes" and not fortunes.installed():
        pytest.skip("Debian's fortunes are not installed")
    if name == "sounds":
        pytest.importorskip("soundfile")
        sounds.write(tmp_path / "recordings")
    elif name == "reviews":
        reviews.write(tmp_path / "sentences")
    else:
        fortunes.write(tmp_path / "fortunes.csv")
    sweep = tmp_path / f"{name}.yaml"
    sweep.write_bytes((FOLDER / f"{name}.yaml").read_bytes())
    assert read_plan(sweep).sweep.name == name


def test_a_shifted_image_is_moved_by_one_pixel() -> None:
    moved = shifted(images(*[(3, 4)] * 50), np.random.default_rng(0))
    found = {tuple(np.argwhere(image[..., 0])[0].tolist()) for image in moved}
    assert found == {(2, 4), (4, 4), (3, 3), (3, 5)}
    corner = shifted(images(*[(0, 0)] * 50), np.random.default_rng(0))
    assert set(corner.sum(axis=(1, 2, 3)).tolist()) == {0.0, 1.0}  # nothing enters


def test_a_rotated_image_turns_about_its_centre() -> None:
    bars = np.zeros((20, 8, 8, 1), np.float32)
    bars[:, :, 3:5] = 1
    turned = rotated(bars, np.random.default_rng(0))
    assert turned.shape == bars.shape
    top = turned[:, 1, :, 0]
    middle = top @ np.arange(8) / top.sum(axis=1)
    assert middle.min() < 3 and middle.max() > 4  # to the left and to the right
    assert turned[:, 3:5, 3:5].min() > 0.8


def test_a_noisy_image_stays_between_black_and_white() -> None:
    made = noisy(np.full((9, 8, 8, 1), 0.5, np.float32), np.random.default_rng(0))
    assert made.min() >= 0 and made.max() <= 1
    assert 0.2 < made.std() < 0.3


@pytest.mark.slow
def test_the_accuracy_on_clean_digits_is_that_of_the_run(tmp_path: Path) -> None:
    """So the disturbed digits are the same test digits as well."""
    params = {"test": 0.6, "validation": 0.0, "epochs": 2, "rate": 0.01, "augment": []}
    sweep = {
        "spec.seed": 5,
        "repeats": 1,
        "claims": [],
        "objective": {"minimize": "train.loss"},
        "space": {"params": [params]},
    }
    study = dlrun.tune(FOLDER / "images.yaml", sweep, jobs=1, studies=tmp_path)
    run = dlrun.Run(study.path / "trials" / study.trials[0].runs[0].directory)
    scores = run.result["metrics"]
    found = accuracies(Trained({"params": params}, 0, scores, 2, run.path, ""), 5)
    assert found[CLEAN] == pytest.approx(scores["test.accuracy"])
    assert all(0.1 < each < 1 for each in found.values())


def test_the_other_samples_of_a_pool_test() -> None:
    (size,) = of_pool(400, {60: 50})
    assert size.final == {"test": 0.85, "validation": 0.0, "epochs": 50}
    assert size.choosing == {"test": 0.65, "validation": 0.2, "epochs": 50}


def test_of_equally_accurate_rates_the_lowest_is_chosen() -> None:
    assert best_rate([0.001, 0.01, 0.1], [0.5, 0.9, 0.9]) == 0.01


def test_a_training_that_failed_counts_as_zero() -> None:
    good = Trained({}, 0, {"test.accuracy": 0.9}, 1, None, "")
    bad = Trained({}, 1, {}, 1, None, "the loss became inf")
    assert Comparison({"none": 0.1}, {("none", 20): [good, bad]}).scores("none", 20) == [0.9, 0.0]


def test_reviews_are_tested_in_other_words(tmp_path: Path) -> None:
    reviews.write(tmp_path)

    def rows(name: str) -> list[list[str]]:
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.reader(file))[1:]

    assert rows("train-320")[:80] == rows("train-80")
    judging = {
        word
        for words in (*reviews.PRAISE, *reviews.COMPLAINT, *sum(reviews.VERBS.values(), ()))
        for word in words[0]
    }
    for name in ("validation", "test"):
        texts = [text for text, _ in rows(name)]
        assert not any(judging & set(text.strip(".").lower().split()) for text in texts)
    assert not {tuple(row) for row in rows("validation")} & {tuple(row) for row in rows("test")}


@pytest.mark.skipif(not fortunes.installed(), reason="Debian's fortunes are not installed")
def test_sayings_have_no_author(tmp_path: Path) -> None:
    fortunes.write(tmp_path / "fortunes.csv")
    text = (tmp_path / "fortunes.csv").read_text(encoding="utf-8")
    assert "\t\t--" not in text
    assert {row.rsplit(",", 1)[1] for row in text.splitlines()[1:]} == set(fortunes.KINDS)


def test_generated_words_differ_by_voice() -> None:
    random = np.random.default_rng(0)
    one, other = (words.word("ia", random) for _ in range(2))
    assert one.shape == other.shape == (round(words.RATE * words.SECONDS),)
    assert np.abs(one).max() <= 1 and not np.allclose(one, other)


@pytest.mark.skipif(not spoken.installed(), reason="Debian's asterisk sounds are not installed")
def test_a_call_changes_a_recording() -> None:
    recording = spoken.read("fr-7")
    random = np.random.default_rng(0)
    one, other = (spoken.called(recording, random) for _ in range(2))
    assert one.shape == other.shape == (round(spoken.RATE * spoken.SECONDS),)
    assert np.abs(one).max() <= 1 and not np.allclose(one, other)


@pytest.mark.slow
def test_a_quick_run_has_the_claims_of_the_kept_findings(tmp_path: Path) -> None:
    pytest.importorskip("soundfile")
    quick, _ = quick_run("augmentation", tmp_path, claims=None if fortunes.installed() else 7)
    assert [each.file for each in quick.pictures] == ["digits.png", "sounds-and-texts.png"]
