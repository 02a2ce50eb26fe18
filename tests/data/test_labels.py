"""Labels are read alike, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image
from pyarrow import parquet
from scipy.io import wavfile

from dlrun.data.dataset import Dataset
from dlrun.data.sources.audio import Audio
from dlrun.data.sources.base import Source
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.images import Images
from dlrun.data.sources.npz import Npz
from dlrun.data.sources.parquet import Parquet
from dlrun.data.sources.text import Text
from dlrun.data.sources.ucr import Ucr
from dlrun.errors import DataError

LABELS = ["10", "2", "1", "0", "01", "1.0", "b", "2.5", "-3", "A"]
CLASSES = ("-3", "0", "1", "2", "2.5", "10", "A", "b")
CODES = [5, 3, 2, 1, 2, 2, 7, 4, 0, 6]

Write = Callable[[Path, list[str]], Source]


def _csv(folder: Path, labels: list[str]) -> Source:
    (folder / "t.csv").write_text("x,y\n" + "".join(f"{n},{y}\n" for n, y in enumerate(labels)))
    return Csv(path="t.csv", target="y")


def _semicolons(folder: Path, labels: list[str]) -> Source:
    (folder / "t.csv").write_text("x;y\n" + "".join(f"{n};{y}\n" for n, y in enumerate(labels)))
    return Csv(path="t.csv", target="y", delimiter=";")


def _parquet(folder: Path, labels: list[str]) -> Source:
    table = pa.table({"x": range(len(labels)), "y": labels})
    parquet.write_table(table, folder / "t.parquet")
    return Parquet(path="t.parquet", target="y")


def _npz(folder: Path, labels: list[str]) -> Source:
    np.savez(folder / "t.npz", x=np.arange(len(labels))[:, None], y=np.array(labels))
    return Npz(path="t.npz")


def _text(folder: Path, labels: list[str]) -> Source:
    (folder / "t.tsv").write_text("text\tlabel\n" + "".join(f"a\t{each}\n" for each in labels))
    return Text(path="t.tsv")


def _text_folders(folder: Path, labels: list[str]) -> Source:
    for label in labels:
        file = folder / "texts" / label / "a.txt"
        file.parent.mkdir(parents=True)
        file.write_text(label)
    return Text(path="texts")


def _images(folder: Path, labels: list[str]) -> Source:
    rows = ["file;label\n"]
    for number, label in enumerate(labels):
        Image.new("L", (2, 2), number).save(folder / f"{number}.png")
        rows.append(f"{number}.png;{label}\n")
    (folder / "labels.csv").write_text("".join(rows))
    return Images(path=".", labels="labels.csv", delimiter=";")


def _image_folders(folder: Path, labels: list[str]) -> Source:
    for label in labels:
        file = folder / "photos" / label / "a.png"
        file.parent.mkdir(parents=True)
        Image.new("L", (2, 2), 9).save(file)
    return Images(path="photos")


def _audio(folder: Path, labels: list[str]) -> Source:
    rows = ["file\tlabel\n"]
    for number, label in enumerate(labels):
        wavfile.write(folder / f"{number}.wav", 8000, np.arange(9, dtype=np.int16))
        rows.append(f"{number}.wav\t{label}\n")
    (folder / "labels.tsv").write_text("".join(rows))
    return Audio(path=".", labels="labels.tsv", rate=8000)


def _ucr(folder: Path, labels: list[str]) -> Source:
    (folder / "t.tsv").write_text("".join(f"{label}\t1\t2\n" for label in labels))
    return Ucr(path="t.tsv", task="classification")


WRITE = [
    _csv,
    _semicolons,
    _parquet,
    _npz,
    _text,
    _text_folders,
    _images,
    _image_folders,
    _audio,
    _ucr,
]
OF_FOLDERS = (_text_folders, _image_folders)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("write", WRITE, ids=lambda write: write.__name__.strip("_"))
def test_classes_have_the_same_names_and_order(tmp_path: Path, write: Write) -> None:
    data = write(tmp_path, LABELS).load(0, tmp_path)
    assert data.classes == CLASSES
    expected = sorted(LABELS) if write in OF_FOLDERS else LABELS
    code = dict(zip(LABELS, CODES, strict=True))
    assert data.codes.tolist() == [code[label] for label in expected]


@pytest.mark.parametrize("write", WRITE, ids=lambda write: write.__name__.strip("_"))
def test_labels_that_are_the_same_float_are_different_classes(tmp_path: Path, write: Write) -> None:
    """64-bit floats hold each integer only up to 2^53; numbers of customers are longer."""
    labels = [f"{sign}{2**53 + more}" for sign in ("-", "") for more in (2, 1, 0, -1)]
    data = write(tmp_path, [*labels, "b"]).load(0, tmp_path)
    assert data.classes == (*sorted(labels, key=int), "b")
    assert sorted(data.codes.tolist()) == list(range(9))


@pytest.mark.parametrize("write", WRITE, ids=lambda write: write.__name__.strip("_"))
def test_classes_that_a_network_knows_keep_their_order(tmp_path: Path, write: Write) -> None:
    """Those of runs of version 0.1, which sorted labels of text by the alphabet."""
    source = write(tmp_path, ["2", "10", "01", "1"])
    known = ("01", "1", "10", "2")
    data = source.load(0, tmp_path)
    like = Dataset(data.inputs, data.targets, data.task, known, data.columns)
    path = source.labels if getattr(source, "labels", None) else source.path
    further = source.load_file(path, tmp_path, like)
    assert further.classes == known
    expected = [0, 1, 2, 3] if write in OF_FOLDERS else [3, 2, 0, 1]
    if write in OF_FOLDERS:
        expected = [known.index(name) for name in sorted(["2", "10", "01", "1"])]
    assert further.codes.tolist() == expected


@pytest.mark.parametrize("write", [_csv, _text, _images, _audio])
@pytest.mark.parametrize("label", ["NA", "None", "#N/A", "n/a", "NULL"])
def test_a_label_that_is_missing_is_refused_with_its_remedy(
    tmp_path: Path, write: Write, label: str
) -> None:
    source = write(tmp_path, ["a", "b", label, "b"])
    with pytest.raises(
        DataError,
        match=r":4: .* is missing \(.* means a missing value\); .*usual_missing to false",
    ):
        source.load(0, tmp_path)
    data = source.model_copy(update={"usual_missing": False}).load(0, tmp_path)
    assert data.classes == tuple(sorted(["a", "b", label]))
    # A run that knows it as a class takes it for that.
    path = source.labels if getattr(source, "labels", None) else source.path
    assert source.load_file(path, tmp_path, data).codes.tolist() == data.codes.tolist()


def test_numbers_of_labels_may_have_a_comma(tmp_path: Path) -> None:
    source = _images(tmp_path, ["1,5", "-1.000,25"])
    source = source.model_copy(update={"task": "regression", "decimal": ",", "thousands": "."})
    assert source.load(0, tmp_path).targets.tolist() == [[1.5], [-1000.25]]


@pytest.mark.parametrize("write", WRITE, ids=lambda write: write.__name__.strip("_"))
def test_one_class_however_its_accents_are_written(tmp_path: Path, write: Write) -> None:
    """Folders that were made on macOS have names in NFD."""
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    source = write(tmp_path, [composed, decomposed, "tea"])
    data = source.load(0, tmp_path)
    assert data.classes == (composed, "tea")
    assert sorted(data.codes.tolist()) == [0, 0, 1]
    like = Dataset(data.inputs, data.targets, data.task, (decomposed, "tea"), data.columns)
    path = source.labels if getattr(source, "labels", None) else source.path
    further = source.load_file(path, tmp_path, like)
    assert further.codes.tolist() == data.codes.tolist()
