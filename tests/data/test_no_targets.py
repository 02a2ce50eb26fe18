"""An autoencoder (``target: input``) needs no labels, whatever reads its data."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dlrun
from dlrun.data.fingerprint import fingerprint
from dlrun.data.overview import overview
from dlrun.data.parts import read_file, read_parts
from dlrun.data.prepared import prepare
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.idx import Idx
from dlrun.data.sources.images import Images
from dlrun.data.sources.npy import Npy
from dlrun.data.sources.npz import Npz
from dlrun.data.split.section import Split
from dlrun.errors import DataError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same kinds of data without labels, with labels of one class, and with others."""
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    x = np.random.default_rng(0).random((8, 3)).astype(np.float32)
    (tmp_path / "npy").mkdir()
    np.save(tmp_path / "npy" / "x.npy", x)
    np.savez(tmp_path / "none.npz", x=x, patient=np.arange(8) // 2)
    np.savez(tmp_path / "one.npz", x=x, y=np.zeros(8, np.int64))
    np.savez(tmp_path / "two.npz", x=x, y=np.arange(8) % 2)
    np.savez(tmp_path / "wrong.npz", y=np.zeros(8))
    images = b"\0\0\x08\x03" + struct.pack(">3I", 8, 2, 2) + bytes(range(32))
    (tmp_path / "few-images-idx3-ubyte").write_bytes(images)
    table = "a,b\n" + "".join(f"{a},{b}\n" for a, b, _ in x)
    (tmp_path / "none.csv").write_text(table)
    (tmp_path / "photos" / "all").mkdir(parents=True)
    for number in range(8):
        image = Image.new("L", (2, 2), number * 20)
        image.save(tmp_path / "photos" / "all" / f"{number}.png")
    (tmp_path / "files.csv").write_text("file\n" + "".join(f"{n}.png\n" for n in range(8)))
    return tmp_path


SOURCES = {
    "npz without targets": Npz(path="none.npz"),
    "npz of one class": Npz(path="one.npz"),
    "npy": Npy(path="npy"),
    "idx": Idx(path="few"),
    "csv": Csv(path="none.csv"),
    "images of one class": Images(path="photos", mode="grayscale"),
    "images in a folder": Images(path="photos/all", mode="grayscale"),
    "images in a table": Images(path="photos/all", labels="files.csv", mode="grayscale"),
}


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_inputs_are_all_that_is_needed(folder: Path, source: Any) -> None:
    section = DataSection(source=source, target="input", split=Split(validation=0.25))
    ready = prepare(section, 0, folder)
    assert ready.validation is not None
    assert (len(ready.train), len(ready.validation)) == (6, 2)
    assert ready.train.targets is ready.train.inputs
    assert ready.train.task == "regression"
    assert not any("class" in note for note in ready.notes)
    with pytest.raises(DataError):
        prepare(section.model_copy(update={"target": "source"}), 0, folder)


def test_all_columns_are_inputs(folder: Path) -> None:
    ready = prepare(DataSection(source=Csv(path="none.csv"), target="input"), 0, folder)
    assert [column.name for column in ready.train.columns or ()] == ["a", "b"]
    with pytest.raises(DataError, match=r"^csv needs 'target'; add it$"):
        prepare(DataSection(source=Csv(path="none.csv")), 0, folder)


def test_files_are_not_scored_without_a_target(folder: Path) -> None:
    source = Csv(path="none.csv")
    like = prepare(DataSection(source=source, target="input"), 0, folder).train
    with pytest.raises(DataError, match=r"^csv needs 'target'; add it$"):
        next(source.file_blocks("none.csv", folder, like))


def test_labels_do_not_change_the_inputs(folder: Path) -> None:
    def inputs(name: str) -> np.ndarray:
        section = DataSection(source=Npz(path=name), target="input", split=Split(validation=0))
        return np.asarray(prepare(section, 0, folder).train.inputs)

    np.testing.assert_array_equal(inputs("none.npz"), inputs("two.npz"))
    np.testing.assert_array_equal(inputs("none.npz"), inputs("one.npz"))


@pytest.mark.parametrize("trained", ["none.npz", "one.npz", "two.npz"])
@pytest.mark.parametrize("further", ["none.npz", "one.npz", "two.npz"])
def test_further_files_need_none_either(folder: Path, trained: str, further: str) -> None:
    section = DataSection(source=Npz(path=trained), target="input", split=Split(validation=further))
    parts = read_parts(section, 0, folder)
    expected = np.load(folder / further)["x"]
    np.testing.assert_array_equal(np.asarray(parts.data["validation"].inputs), expected)
    assert parts.fingerprint == read_parts(section, 0, folder).fingerprint
    with pytest.raises(DataError, match=r"wrong\.npz: no array '[xy]'"):
        read_file(section, "wrong.npz", folder, parts.data["train"])


def test_groups_stay_together(folder: Path) -> None:
    split = Split(by="patient", validation=0.25)
    section = DataSection(source=Npz(path="none.npz"), target="input", split=split)
    rows = read_parts(section, 0, folder).rows["validation"]
    assert len({row // 2 for row in rows.tolist()}) == 1


def test_the_overview_shows_no_targets(folder: Path) -> None:
    section = DataSection(source=Npz(path="none.npz"), target="input")
    shown = overview(read_parts(section, 0, folder))
    assert all(part.classes is None and part.targets is None for part in shown.parts.values())


def test_the_fingerprint_is_that_of_the_inputs(folder: Path) -> None:
    source = Npz(path="none.npz")
    before = fingerprint([source.load_as_target((), 0, folder)])
    x = np.load(folder / "none.npz")["x"]
    x[3, 1] += 1
    np.savez(folder / "none.npz", x=x)
    assert fingerprint([source.load_as_target((), 0, folder)]) != before


def test_a_run_is_evaluated_without_targets(folder: Path) -> None:
    data = {"source": {"npz": "none.npz"}, "target": "input", "split": {"validation": 0.25}}
    spec = {"name": "coder", "data": data, "model": [{"dense": 3}], "loss": "mse", "epochs": 1}
    (folder / "spec.yaml").write_text(json.dumps(spec))
    run = dlrun.train(folder / "spec.yaml", runs=folder / "runs")
    scores = [run.evaluate(file=str(folder / name)) for name in ("none.npz", "two.npz")]
    assert scores[0] == scores[1]
    assert set(scores[0]) == {"loss"}
