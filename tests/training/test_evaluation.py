"""What is left out of a prediction or a score is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dlrun
from dlrun.api import Run

Spec = Callable[..., Path]

KEYS: dict[str, Any] = {
    "data": {
        "source": {"images": {"path": "photos", "mode": "grayscale", "on_error": "skip"}},
        "split": {"validation": 0.25, "stratify": True},
    },
    "model": ["flatten", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "epochs": 1,
}


@pytest.fixture
def run(spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    for number in range(16):
        path = tmp_path / "photos" / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((3, 4), 9 * number, np.uint8)).save(path)
    run = dlrun.train(spec(**KEYS), runs=tmp_path / "runs")
    (tmp_path / "photos" / "a" / "broken.png").write_bytes(b"no image")
    (tmp_path / "photos" / "a" / "phone.heic").write_bytes(b"")
    return run


LEFT_OUT = "1 of 17 images left out: "
NOT_READ = "not read: files with other endings (.heic 1): "


def test_what_is_left_out_of_a_prediction_is_told(run: Run, tmp_path: Path) -> None:
    told: list[str] = []
    answers = run.predict_file(str(tmp_path / "photos"), told.append)
    assert len(answers.rows) == 16
    not_read, left_out = told
    assert NOT_READ in not_read and LEFT_OUT in left_out and "a/broken.png" in left_out
    with pytest.warns(UserWarning, match="left out|not read") as caught:
        run.predict_file(str(tmp_path / "photos"))
    assert {each.filename for each in caught} == {__file__} and len(caught) == 2


def test_what_is_left_out_of_a_score_is_told(run: Run, tmp_path: Path) -> None:
    told: list[str] = []
    scores = run.evaluate(str(tmp_path / "photos"), told.append)
    assert set(scores) == {"loss", "accuracy"}
    assert len(told) == 2 and NOT_READ in told[0] and LEFT_OUT in told[1]


def test_commands_tell_it_on_standard_error(run: Run, tmp_path: Path) -> None:
    for command in ("predict", "evaluate"):
        words = [sys.executable, "-m", "dlrun", command, run.path, tmp_path / "photos"]
        result = subprocess.run(words, capture_output=True, text=True, check=False)
        assert result.returncode == 0
        first, second = result.stderr.splitlines()
        assert NOT_READ in first and LEFT_OUT in second
        assert len(result.stdout.splitlines()) == (17 if command == "predict" else 2)
