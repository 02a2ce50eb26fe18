"""``dlrun evaluate`` and ``dlrun predict``."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dlrun as api
from dlrun.errors import DataError

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

HEADER = "city,age,size,sold\n"


def line(number: int) -> str:
    city, age = "PRS"[number % 3], "" if number % 7 == 0 else str(20 + number % 11)
    return f"{city},{age},{number * 0.5},{'yes' if number % 3 == 1 else 'no'}\n"


@pytest.fixture
def trained(spec: Spec, tmp_path: Path) -> api.Run:
    (tmp_path / "t.csv").write_text(HEADER + "".join(map(line, range(60))))
    data = {
        "source": {"csv": {"path": "t.csv", "target": "sold"}},
        "split": {"validation": 0.2, "test": 0.2},
        "preprocess": ["impute", "one_hot", "standardize"],
    }
    loss = {"cross_entropy": {"weights": "balanced"}}
    path = spec(data=data, loss=loss, early_stopping={"patience": 5})
    return api.train(path, runs=tmp_path / "runs")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_scores_are_those_of_the_run_to_the_bit(dlrun: Dlrun, trained: api.Run) -> None:
    result = dlrun("evaluate", trained.path, "--json")
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout) == trained.result["metrics"]
    lines = dlrun("evaluate", trained.path).stdout.splitlines()
    accuracy = trained.result["metrics"]["test.accuracy"]
    assert lines[-1].split() == ["test.accuracy", f"{accuracy:.4f}"]


@pytest.mark.parametrize(
    "keys",
    [
        {"data": {"source": "digits", "target": "input"}, "loss": "mse", "metrics": ["r2"]}
        | {"model": ["flatten", {"dense": 4}, {"dense": "${features}"}, {"reshape": [8, 8, 1]}]},
        {"data": {"source": "diabetes", "preprocess": ["min_max"]}, "loss": "mse"}
        | {"metrics": ["mae"], "model": [{"dense": 1}], "average": "ema"},
        {"data": {"source": "breast_cancer", "preprocess": ["standardize"]}}
        | {"loss": {"binary_cross_entropy": {"positive_weight": "balanced"}}}
        | {"model": [{"dense": 1}], "metrics": ["f1", "roc_auc"]},
        {"augment": [{"noise": 0.1}], "data": {"source": "digits", "sampling": "balanced"}}
        | {"model": [{"conv": 2}, "batch_norm", "flatten", {"dense": "${classes}"}]},
    ],
)
def test_any_run_can_be_scored_again(spec: Spec, tmp_path: Path, keys: dict[str, Any]) -> None:
    run = api.train(spec(**keys), {"epochs": 1}, runs=tmp_path / "runs")
    assert run.evaluate() == run.result["metrics"]


def test_a_file_is_scored(dlrun: Dlrun, trained: api.Run, tmp_path: Path) -> None:
    whole = json.loads(dlrun("evaluate", trained.path, "t.csv", "--json").stdout)
    assert set(whole) == {"loss", "accuracy"}
    said = table(dlrun("predict", trained.path, "t.csv").stdout)
    truth = [row["sold"] for row in table((tmp_path / "t.csv").read_text())]
    right = [row["prediction"] == sold for row, sold in zip(said, truth, strict=True)]
    assert whole["accuracy"] == pytest.approx(np.mean(right))


def test_data_that_has_changed_is_noticed(dlrun: Dlrun, trained: api.Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + "".join(map(line, range(61))))
    result = dlrun("evaluate", trained.path)
    assert result.returncode == 2
    assert "the data is no longer what the run was trained on; name a file" in result.stderr
    assert dlrun("evaluate", trained.path, "t.csv").returncode == 0


def test_a_file_may_have_the_column_that_divided_the_data(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    rows = "".join(f"g{number % 9},{number},{number % 2}\n" for number in range(40))
    (tmp_path / "t.csv").write_text("who,x,y\n" + rows)
    data = {"source": {"csv": {"path": "t.csv", "target": "y"}}, "split": {"by": "who"}}
    run = api.train(spec(data=data), {"epochs": 1}, runs=tmp_path / "runs")
    for command in ("evaluate", "predict"):
        result = dlrun(command, run.path, "t.csv")
        assert (result.returncode, result.stderr) == (0, "")


def test_predictions_are_those_of_python(dlrun: Dlrun, trained: api.Run, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("size,id,age,city\n1.5,a,30,P\n2.5,b,,R\n7,c,21,\n")
    result = dlrun("predict", trained.path, "new.csv")
    assert (result.returncode, result.stderr) == (0, "")
    found = table(result.stdout)
    assert list(found[0]) == ["sample", "prediction", "probability.no", "probability.yes"]
    expected = trained.predict(np.array([[0, 30, 1.5], [1, np.nan, 2.5], [np.nan, 21, 7]]))
    for number, (row, probabilities) in enumerate(zip(found, expected, strict=True)):
        assert row["sample"] == str(number)
        assert row["prediction"] == trained.classes[int(probabilities.argmax())]
        shown = [np.float32(row[f"probability.{name}"]) for name in ("no", "yes")]
        assert shown == probabilities.tolist()
    assert dlrun("predict", trained.path, "new.csv", "--out", "said.csv").stdout == ""
    assert (tmp_path / "said.csv").read_text() == result.stdout


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "city,age,size\nP,1,2\n\nX,1,2\n",
            "new.csv:4: column 'city': 'X' is not a category of the",
        ),
        ("city,age,size\nP,x,2\n", "new.csv:2: column 'age': 'x' is not a number"),
        (
            "city,age,size\n,3,2\nP,3,\n",
            "new.csv:3: column 'size': the value is missing, and the run has",
        ),
        ("city,age,sise\nP,3,1\n", "new.csv:1: the training data's column 'size' is missing here;"),
        ("city,age,size\nP,3,1e38\n", "sample 0 has values beyond the 32-bit range"),
    ],
)
def test_what_is_wrong_with_a_sample_has_its_row(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, text: str, message: str
) -> None:
    rows = "".join(map(line, range(1, 61))).replace(",,", ",25,")
    (tmp_path / "t.csv").write_text(HEADER + rows)
    source = {"csv": {"path": "t.csv", "target": "sold"}}
    data = {"source": source, "preprocess": ["one_hot", "standardize"]}
    scaled = {**data, "source": {"csv": {**source["csv"], "path": "s.csv"}}}
    small = "".join(f"P,3,{n}e-38,{'yes' if n % 2 else 'no'}\n" for n in range(1, 40))
    (tmp_path / "s.csv").write_text(HEADER + small)
    run = api.train(
        spec(data=scaled if "1e38" in text else data), {"epochs": 1}, runs=tmp_path / "runs"
    )
    (tmp_path / "new.csv").write_text(text)
    result = dlrun("predict", run.path, "new.csv")
    assert (result.returncode, result.stdout) == (2, "")
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_answers_of_every_kind(spec: Spec, tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = random.random((40, 3)).astype("f4")
    targets = {
        "labels": (x[:, :2] > 0.5).astype(int),
        "numbers": x[:, :2],
        "steps": (x > 0.5).astype(int),
        "two": (x[:, 0] > 0.5).astype(int),
    }
    for name, y in targets.items():
        np.savez(tmp_path / f"{name}.npz", x=x, y=y)
    np.savez(tmp_path / "new.npz", x=x[:2])
    steps = [{"reshape": [3, 1]}, {"dense": 4}, {"dense": "${classes}"}]
    for name, keys, header in [
        (
            "labels",
            {"model": [{"dense": 2}], "loss": "binary_cross_entropy", "metrics": []},
            "prediction.y0 prediction.y1 probability.y0 probability.y1",
        ),
        ("numbers", {"model": [{"dense": 2}], "loss": "mse"}, "prediction.0 prediction.1"),
        (
            "steps",
            {"model": steps},
            " ".join(
                ["prediction.0 prediction.1 prediction.2"]
                + [f"probability.{step}.{name}" for step in range(3) for name in "01"]
            ),
        ),
        ("two", {"model": [{"dense": 1}], "loss": "binary_hinge"}, "prediction score.1"),
        ("two", {"model": [{"dense": 2}], "loss": "hinge"}, "prediction score.0 score.1"),
    ]:
        task = {"task": "multi_label"} if name == "labels" else {}
        data = {"source": {"npz": {"path": f"{name}.npz", **task}}}
        path = spec(**{"metrics": [], "data": data, **keys})
        run = api.train(path, {"epochs": 1}, runs=tmp_path / "runs")
        answers = run.predict_file(str(tmp_path / "new.npz"))
        assert answers.header == ("sample", *header.split())
        assert len(answers.rows) == 2
        assert all(len(row) == len(answers.header) for row in answers.rows)


def test_images_are_called_by_their_files(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    for number in range(12):
        folder = tmp_path / "photos" / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (4, 4), (number * 20, 0, 0)).save(folder / f"{number}.png")
    (tmp_path / "new").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "new" / "x.png")
    Image.new("RGB", (5, 4)).save(tmp_path / "wide.png")
    model = ["flatten", {"dense": "${classes}"}]
    path = spec(data={"source": {"images": "photos"}}, model=model)
    run = api.train(path, {"epochs": 1}, runs=tmp_path / "runs")
    for file, name in (("new", "new/x.png"), ("new/x.png", "new/x.png")):
        (row,) = table(dlrun("predict", run.path, file).stdout)
        assert row["sample"] == name
        assert row["prediction"] in ("a", "b")
    for file, message in (("wide.png", "images of shape (4, 5, 3)"), ("gone", "No such file")):
        result = dlrun("predict", run.path, file)
        assert result.returncode == 2
        assert message in result.stderr


def test_sounds(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    def write(path: Path, pitch: float) -> None:
        wave_form = np.sin(np.arange(800) * pitch) * 20_000
        with wave.open(str(path), "wb") as file:
            file.setparams((1, 2, 8000, 0, "NONE", ""))
            file.writeframes(wave_form.astype("<i2").tobytes())

    (tmp_path / "new").mkdir()
    for number in range(12):
        write(tmp_path / f"{number}.wav", 0.1 + 0.3 * (number % 2))
    write(tmp_path / "new" / "x.wav", 0.1)
    rows = "".join(f"{n}.wav,{'lh'[n % 2]},w{n // 2}\n" for n in range(12))
    (tmp_path / "labels.csv").write_text("file,label,who\n" + rows)
    data = {
        "source": {"audio": {"path": ".", "labels": "labels.csv", "rate": 8000}},
        "split": {"by": "who", "test": 0.2},
        "preprocess": [{"log_mel": {"mels": 8}}],
    }
    path = spec(data=data, model=["flatten", {"dense": "${classes}"}])
    run = api.train(path, {"epochs": 1}, runs=tmp_path / "runs")
    assert run.evaluate() == run.result["metrics"]
    (row,) = table(dlrun("predict", run.path, "new").stdout)
    assert row["sample"] == "new/x.wav"
    assert dlrun("data", path).stdout.startswith("12 samples of 800 x 1  classification")


def test_texts(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    words = ("good fine nice", "bad poor sad")
    lines = "".join(f"{words[n % 2]} {n},{'yn'[n % 2]},w{n // 4}\n" for n in range(40))
    (tmp_path / "t.csv").write_text("text,label,who\n" + lines)
    (tmp_path / "new.csv").write_text("id,text\n1,good and nice\n2,so sad\n")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "a.txt").write_text("good and nice")
    data = {
        "source": {"text": "t.csv"},
        "split": {"by": "who", "validation": 0.2, "test": 0.2},
        "preprocess": ["tokenize"],
    }
    embedding = {"embedding": {"units": 4, "tokens": "${vocabulary}", "padding": 0}}
    model = [embedding, "global_average_pool", {"dense": "${classes}"}]
    run = api.train(spec(data=data, model=model), runs=tmp_path / "runs")
    assert run.evaluate() == run.result["metrics"]
    said = table(dlrun("predict", run.path, "new.csv").stdout)
    (of_file,) = table(dlrun("predict", run.path, "new").stdout)
    assert [row["sample"] for row in said] == ["0", "1"]
    assert of_file.pop("sample") == "new/a.txt"
    assert of_file == {key: value for key, value in said[0].items() if key != "sample"}
    shown = dlrun("data", tmp_path / "spec.yaml").stdout
    assert shown.startswith("40 samples of text  classification")


def test_sources_that_read_no_file(spec: Spec, tmp_path: Path) -> None:
    run = api.train(spec(), {"epochs": 1}, runs=tmp_path / "runs")
    with pytest.raises(DataError, match=r"a run on the source 'blobs', .* cannot predict from x"):
        run.predict_file("x")
    with pytest.raises(DataError, match="source 'blobs' does not read files, so it cannot read x"):
        run.evaluate("x")


def test_a_folder_that_is_no_run(dlrun: Dlrun, tmp_path: Path) -> None:
    for command in (("evaluate", "."), ("predict", ".", "x.csv")):
        result = dlrun(*command)
        assert result.returncode == 2
        assert "not a run directory" in result.stderr


def test_a_run_that_diverged_before_it_had_weights(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    assert dlrun("train", spec(optimizer={"sgd": {"lr": 1e38}}), "-q").returncode == 3
    (tmp_path / "t.csv").write_text("a,b\n1,2\n")
    for command in (("evaluate", only_run()), ("predict", only_run(), "t.csv")):
        result = dlrun(*command)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == (
            f"{only_run()}: has no weights: it diverged before the end of its first epoch; dlrun "
            "show has the reason\n"
        )
    assert "dlrun evaluate" not in dlrun("show", only_run()).stdout


def test_a_dash_is_standard_output(dlrun: Dlrun, trained: api.Run, tmp_path: Path) -> None:
    before = set(tmp_path.iterdir())
    plain = dlrun("predict", trained.path, "t.csv")
    assert plain.returncode == 0 and plain.stdout.count("\n") == 61
    assert dlrun("predict", trained.path, "t.csv", "--out", "-").stdout == plain.stdout
    report = dlrun("report", trained.path, "--samples", "0", "--out", "-")
    assert (report.returncode, report.stderr) == (0, "")
    assert report.stdout.startswith("<!doctype html>") and report.stdout.endswith("</html>\n")
    assert set(tmp_path.iterdir()) == before
