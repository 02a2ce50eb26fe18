"""The model card contains what a run knows, however little that is."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from archives import members_of
from PIL import Image
from scipy.io import wavfile

import dlrun

Spec = Callable[..., Path]


def card(run: Path, **options: Any) -> str:
    file = dlrun.archive(run, run.parent / "a.zip", force=True, **options)
    return members_of(file.read_bytes())["card.md"].decode()


def test_a_card(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(seed=7), runs=tmp_path / "runs")
    text = card(run.path)
    for line in (
        "# small",
        "- task: classification with 3 classes: 0, 1, 2",
        "- input: a table with 2 columns: x, y",
        "- preprocessing, which is part of the archive: standardize",
        "- network: 51 values in 3 layers",
        "- weights: last, after epoch 3",
        f"- run: {run.path.name}",
        "- license: not stated; ask the author of the model",
        "| train | 66 |",
        "| validation | 22 |",
        f"| test.accuracy | {run.result['metrics']['test.accuracy']} |",
        "- ended: completed: all epochs are done",
        "- seed: 7",
        f"| dlrun | {dlrun.__version__} |",
    ):
        assert line in text.splitlines()
    environment = json.loads((run.path / "environment.json").read_text())
    assert environment["data"] in text


def files_of_two_classes(folder: Path, suffix: str, write: Callable[[Path], None]) -> None:
    for number in range(8):
        path = folder / "files" / "ab"[number % 2] / f"{number}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path)


def test_how_files_become_inputs(spec: Spec, tmp_path: Path) -> None:
    def input_of(source: dict[str, Any], *steps: Any, model: Sequence[Any] = ()) -> str:
        data = {"source": source, "preprocess": steps, "split": {"validation": 0}}
        layers = [*model, "flatten", {"dense": "${classes}"}]
        run = dlrun.train(spec(data=data, model=layers, metrics=[], epochs=1), runs=tmp_path / "r")
        (line,) = (each for each in card(run.path).splitlines() if each.startswith("- input: "))
        return line.removeprefix("- input: ")

    files_of_two_classes(tmp_path, ".png", Image.new("L", (9, 7)).save)
    images: dict[str, Any] = {"path": "files", "size": [4, 5], "fit": "crop", "mode": "grayscale"}
    assert input_of({"images": images}) == (
        "arrays of shape (4, 5, 1), grayscale images; files of another size are scaled and cropped"
    )
    assert input_of({"images": {"path": "files"}}) == (
        "arrays of shape (7, 9, 3), rgb images; files must have this size"
    )
    wave = np.zeros(80, np.int16)
    files_of_two_classes(tmp_path, ".wav", lambda path: wavfile.write(path, 8000, wave))
    assert input_of({"audio": {"path": "files", "rate": 4000, "length": 0.01}}) == (
        "arrays of shape (40, 1), sounds of one channel at 4,000 Hz; files with another rate are "
        "resampled, and cut or padded with silence at their end"
    )
    (tmp_path / "t.csv").write_text("review,y\n" + "good film,a\nbad film,b\n" * 4)
    embedding = {"embedding": {"tokens": "${vocabulary}", "units": 2}}
    text = {"path": "t.csv", "text": "review", "target": "y"}
    assert input_of({"text": text}, {"tokenize": {"length": 3}}, model=[embedding]).startswith(
        "text, in the column 'review' of a table or in .txt files, with a vocabulary of "
    )


def test_what_a_run_does_not_have(spec: Spec, tmp_path: Path) -> None:
    data = {"source": {"blobs": {"samples": 40}}}
    data["split"] = {"validation": 0, "test": 0}
    run = dlrun.train(spec(data=data, metrics=[]), runs=tmp_path / "runs")
    text = card(run.path)
    assert "neither a validation nor a test set" in text and "archive: none" in text
    (run.path / "environment.json").unlink()
    (run.path / "split.csv").unlink()
    text = card(run.path)
    assert "The run does not have them." in text and "| train |" not in text


@pytest.mark.parametrize(
    "environment", [{"packages": 1, "cpu": [], "git": "x"}, {"packages": {"a|b": "`"}}]
)
def test_an_environment_that_was_forged(
    spec: Spec, tmp_path: Path, environment: dict[str, Any]
) -> None:
    run = dlrun.train(spec(), runs=tmp_path / "runs")
    (run.path / "environment.json").write_text(json.dumps(environment))
    assert "## Versions" in card(run.path)


def test_long_lists_and_names_are_cut(spec: Spec, tmp_path: Path) -> None:
    names = [f"column{number:03}" for number in range(40)]
    rows = "".join(",".join(["1.5"] * 39 + [str(n % 2)]) + "\n" for n in range(20))
    (tmp_path / "t.csv").write_text(",".join([*names[:-1], "y"]) + "\n" + rows)
    data = {"source": {"csv": {"path": "t.csv", "target": "y"}}}
    run = dlrun.train(
        spec(data=data, model=[{"dense": "${classes}"}], epochs=1), runs=tmp_path / "runs"
    )
    text = card(run.path, license="x" * 1000)
    assert "a table with 39 columns: column000" in text and "column029 and 9 more" in text
    assert max(map(len, text.splitlines())) < 500
