"""Files are predicted as they are read, with the same output as of a file that is read whole."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dlrun
from dlrun.api.predict import csv_text, write_csv
from dlrun.data.sources import parquet
from dlrun.data.tables import delimited
from dlrun.errors import DataError
from dlrun.inference import prediction

Spec = Callable[..., Path]

ROWS = 700
FORMS = ("csv", "parquet", "npz", "text")


def _write(form: str, path: Path, rows: int) -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 2)).round(3)
    sold = np.where(x.sum(axis=1) > 0, "yes", "no")
    if form == "npz":
        np.savez(path, x=x.astype(np.float32), y=(sold == "yes").astype(int))
    elif form == "parquet":
        pd = pytest.importorskip("pandas")
        pd.DataFrame({"a": x[:, 0], "b": x[:, 1], "sold": sold}).to_parquet(path)
    elif form == "csv":
        lines = "".join(f"{a},{b},{word}\n" for (a, b), word in zip(x, sold, strict=True))
        path.write_text(f"a,b,sold\n{lines}")
    else:
        lines = "".join(f'"a {word}\nday, {n}",{word}\n' for n, word in enumerate(sold))
        path.write_text(f"text,label\n{lines}")


def _trained(form: str, spec: Spec, tmp_path: Path) -> dlrun.Run:
    source = {"path": f"train.{form}"} | ({"target": "sold"} if form in ("csv", "parquet") else {})
    _write(form, tmp_path / f"train.{form}", 60)
    texts = form == "text"
    data = {
        "source": {form: source},
        "split": {"validation": 0.2},
        "preprocess": [{"tokenize": {"length": 8}} if texts else "standardize"],
    }
    first = (
        [{"embedding": {"tokens": "${vocabulary}", "units": 4}}, "flatten"]
        if texts
        else [{"dense": 4}]
    )
    model = [*first, "relu", {"dense": "${classes}"}]
    return dlrun.train(spec(data=data, model=model, metrics=[], epochs=1), runs=tmp_path / "runs")


@pytest.mark.parametrize("form", FORMS)
def test_blocks_of_any_size_give_the_same_bytes(
    form: str, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file = _trained(form, spec, tmp_path), tmp_path / f"new.{form}"
    _write(form, file, ROWS)
    whole = "".join(csv_text(run.path, file, print))
    table = run.predict_file(str(file))
    assert whole.count("\n") == ROWS + 1 and len(table.rows) == ROWS
    assert [row[0] for row in table.rows] == [str(number) for number in range(ROWS)]
    for cells in (1, 77, 1000):
        for module, name in ((delimited, "_CELLS"), (parquet, "_CELLS"), (prediction, "_VALUES")):
            monkeypatch.setattr(module, name, cells)
        write_csv(run.path, file, tmp_path / "out.csv", print)
        assert (tmp_path / "out.csv").read_text() == whole
        assert run.predict_file(str(file)) == table


@pytest.mark.parametrize("form", FORMS)
def test_ids_are_read_with_the_blocks(
    form: str, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file, out = _trained(form, spec, tmp_path), tmp_path / f"new.{form}", tmp_path / "out.csv"
    _write(form, file, ROWS)
    column = {"npz": "y", "text": "label"}.get(form, "sold")
    table = run.predict_file(str(file), id_column=column)
    assert table.header[:3] == ("sample", column, "prediction")
    yes = {"1", "yes"}
    ids = [row[1] in yes for row in table.rows]
    assert 0.4 < np.mean(ids) < 0.6 and len({row[1] for row in table.rows}) == 2
    for cells in (1, 77, 1000):
        for module, name in ((delimited, "_CELLS"), (parquet, "_CELLS"), (prediction, "_VALUES")):
            monkeypatch.setattr(module, name, cells)
        write_csv(run.path, file, out, print, column)
        written = [line.split(",") for line in out.read_text().splitlines()]
        assert written == [[*table.header], *table.rows]
        assert "".join(csv_text(run.path, file, print, column)) == out.read_text()


def test_new_categories_are_told_once_for_all_blocks(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{'ab'[n % 2]},{n},{n % 2}" for n in range(40)]
    (tmp_path / "train.csv").write_text("\n".join(["word,x,y", *rows, ""]))
    data = {
        "source": {"csv": {"path": "train.csv", "target": "y"}},
        "preprocess": [{"one_hot": {"unknown": "ignore"}}, "standardize"],
    }
    keys = {"data": data, "model": [{"dense": "${classes}"}], "metrics": [], "epochs": 1}
    run = dlrun.train(spec(**keys), runs=tmp_path / "runs")
    (tmp_path / "new.csv").write_text("word,x\n" + "d,1\nc,1\na,1\n" * 100)
    monkeypatch.setattr(delimited, "_CELLS", 7)
    told: list[str] = []
    write_csv(run.path, tmp_path / "new.csv", tmp_path / "out.csv", told.append)
    (note,) = told
    assert note.endswith("does not have 2 of its categories, which count as missing: 'c', 'd'")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_an_error_far_down_names_its_row_and_nothing_is_written(
    form: str, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file, out = _trained(form, spec, tmp_path), tmp_path / f"new.{form}", tmp_path / "out.csv"
    monkeypatch.setattr(delimited, "_CELLS", 90)
    monkeypatch.setattr(parquet, "_CELLS", 90)
    if form == "csv":
        _write(form, file, ROWS)
        lines = file.read_text().splitlines()
        lines[601] = ",1,yes"
        file.write_text("\n".join(lines))
        place = "new.csv:602: column 'a'"
    else:
        pd = pytest.importorskip("pandas")
        frame = pd.DataFrame({"a": np.ones(ROWS), "b": np.ones(ROWS)})
        frame.loc[600, "a"] = np.nan
        frame.to_parquet(file)
        place = "new.parquet: row 600: column 'a'"
    out.write_text("before")
    with pytest.raises(DataError, match=place):
        write_csv(run.path, file, out, print)
    assert out.read_text() == "before"
    assert not list(tmp_path.glob(".*"))
    words = [sys.executable, "-m", "dlrun", "predict", str(run.path), str(file)]
    result = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout) == (2, "")
    assert place in result.stderr and len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("form", FORMS)
def test_the_memory_does_not_grow_with_the_file(
    form: str, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file = _trained(form, spec, tmp_path), tmp_path / f"new.{form}"
    for module, name in ((delimited, "_CELLS"), (parquet, "_CELLS"), (prediction, "_VALUES")):
        monkeypatch.setattr(module, name, 512)

    def peak(rows: int) -> int:
        _write(form, file, rows)
        tracemalloc.start()
        write_csv(run.path, file, tmp_path / "out.csv", print)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)  # what only the first call imports
    assert peak(12_000) < peak(3_000) + 150_000
