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
from dlrun.api.run import Run
from dlrun.errors import DataError

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


IDS = [f"{number:03d}" for number in range(40)]


def table(path: Path, kind: str) -> Path:
    """40 samples with an ID each, as a file of a kind."""
    y, x = np.arange(40) % 2, np.arange(40.0)
    if kind == "npz":
        np.savez(path / "data.npz", x=x[:, None], y=y, name=np.array(IDS))
        return path / "data.npz"
    if kind == "parquet":
        parquet = pytest.importorskip("pyarrow.parquet")
        arrow = pytest.importorskip("pyarrow")
        columns = {"name": IDS, "x": x, "y": y}
        parquet.write_table(arrow.table(columns), path / "data.parquet")
        return path / "data.parquet"
    columns = {"csv": ("name,x,y", x), "text": ("name,text,label", [f"w{each}" for each in x])}
    header, values = columns[kind]
    rows = [f"{name},{value},{each}" for name, value, each in zip(IDS, values, y, strict=True)]
    (path / f"{kind}.csv").write_text("\n".join([header, *rows, ""]))
    return path / f"{kind}.csv"


@pytest.mark.parametrize("kind", ["csv", "parquet", "npz", "text"])
def test_predictions_repeat_an_id(spec: Spec, tmp_path: Path, kind: str) -> None:
    file = table(tmp_path, kind)
    source: dict[str, Any] = {"path": file.name}
    if kind in ("csv", "parquet"):
        source |= {"target": "y", "columns": {"name": "ignore"}}
    data = {"source": {kind: source}, "split": {"validation": 0.25}}
    if kind == "text":
        data["preprocess"] = ["tokenize"]
    run = dlrun.train(
        spec(data=data, model=[{"dense": "${classes}"}], epochs=1), runs=tmp_path / "runs"
    )
    plain = run.predict_file(str(file))
    answers = run.predict_file(str(file), id_column="name")
    assert answers.header == ("sample", "name", *plain.header[1:])
    assert [row[1] for row in answers.rows] == IDS
    assert [[row[0], *row[2:]] for row in answers.rows] == [list(row) for row in plain.rows]
    with pytest.raises(DataError, match=r"no (column|array) 'nam'; did you mean 'name'"):
        run.predict_file(str(file), id_column="nam")


def test_files_in_a_folder_have_no_columns(run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="source 'images' has no column 'name'"):
        run.predict_file(str(tmp_path / "photos"), print, id_column="name")


CITIES = "city,x,y\n" + "".join(f"{['Paris', 'Rome'][n % 2]},{n},{n % 2}\n" for n in range(20))


@pytest.fixture
def cities(spec: Spec, tmp_path: Path) -> Callable[[str], Run]:
    """Trains a run on categories; the argument is the option for those of further files."""
    (tmp_path / "cities.csv").write_text(CITIES)

    def train(unknown: str) -> Run:
        data = {
            "source": {"csv": {"path": "cities.csv", "target": "y"}},
            "preprocess": [{"one_hot": {"unknown": unknown}}],
        }
        path = spec(data=data, model=[{"dense": "${classes}"}], epochs=1)
        return dlrun.train(path, runs=tmp_path / "runs")

    return train


def test_a_new_category_is_an_error_or_a_missing_value(
    cities: Callable[[str], Run], tmp_path: Path
) -> None:
    new, blank = tmp_path / "new.csv", tmp_path / "blank.csv"
    new.write_text("city,x,y\nRome,1,0\nOslo,2,1\n")
    blank.write_text("city,x,y\nRome,1,0\n,2,1\n")
    strict, tolerant = cities("error"), cities("ignore")
    for use in (strict.predict_file, strict.evaluate):
        with pytest.raises(DataError, match=r"new\.csv:3: column 'city': 'Oslo' is not a category"):
            use(str(new))
    for use in (tolerant.predict_file, tolerant.evaluate):
        told: list[str] = []
        assert use(str(new), told.append) == use(str(blank))
        (note,) = told
        assert "does not have 1 of its categories, which count as missing: 'Oslo'" in note


def test_further_columns_of_a_file_are_not_scored(
    cities: Callable[[str], Run], tmp_path: Path
) -> None:
    run = cities("error")
    lines = CITIES.splitlines()
    (tmp_path / "more.csv").write_text(
        "\n".join([f"{lines[0]},z", *(f"{each},q" for each in lines[1:])])
    )
    more, same = str(tmp_path / "more.csv"), str(tmp_path / "cities.csv")
    assert run.evaluate(more) == run.evaluate(same)
    assert run.predict_file(more) == run.predict_file(same)


def test_a_file_is_scored_where_the_data_of_the_run_is_missing(
    cities: Callable[[str], Run], tmp_path: Path
) -> None:
    run = cities("error")
    scores = run.evaluate(str(tmp_path / "cities.csv"))
    elsewhere = (tmp_path / "cities.csv").rename(tmp_path / "elsewhere.csv")
    assert run.evaluate(str(elsewhere)) == scores
    with pytest.raises(DataError, match=r"cities\.csv"):
        run.evaluate()


def test_balanced_weights_follow_from_the_data_of_the_run(spec: Spec, tmp_path: Path) -> None:
    """So a file is scored with these, not with those of its own classes."""
    table(tmp_path, "csv")
    source = {"csv": {"path": "csv.csv", "target": "y", "columns": {"name": "ignore"}}}
    loss = {"cross_entropy": {"weights": "balanced"}}
    keys: dict[str, Any] = {"data": {"source": source}, "model": [{"dense": 2}], "epochs": 1}
    run = dlrun.train(spec(**keys, loss=loss), runs=tmp_path / "runs")
    even = run.evaluate(str(tmp_path / "csv.csv"))
    rows = (tmp_path / "csv.csv").read_text().splitlines()
    (tmp_path / "ones.csv").write_text("\n".join([rows[0], *rows[2::2], ""]))
    (tmp_path / "zeros.csv").write_text("\n".join([rows[0], *rows[1::2], ""]))
    parts = [run.evaluate(str(tmp_path / name))["loss"] for name in ("ones.csv", "zeros.csv")]
    assert np.mean(parts) == pytest.approx(even["loss"])
    (tmp_path / "csv.csv").unlink()
    with pytest.raises(DataError, match=r"csv\.csv"):
        run.evaluate(str(tmp_path / "ones.csv"))
