"""Files of any form are predicted and scored piece by piece, with the results of the whole."""

from __future__ import annotations

import csv
import gzip
import math
import shutil
import struct
import wave
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dlrun
from dlrun.api.predict import write_csv
from dlrun.api.run import Run
from dlrun.data.files import decode
from dlrun.data.samples import Lazy
from dlrun.data.sources.base import Source
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.forms import text_files
from dlrun.data.tables import delimited, series_file
from dlrun.data.tables.text_table import TextTable
from dlrun.errors import DataError
from dlrun.experiment.read import read_trained
from dlrun.inference import file_blocks, prediction, scores
from dlrun.run_directory.directory import RunDirectory

Spec = Callable[..., Path]

COLUMNS = 40
ROWS = 700
"""More than two of the blocks, of 256 samples, that are predicted or scored together."""
SMALL = (
    (delimited, "_CELLS"),
    (series_file, "_VALUES"),
    (decode, "_VALUES"),
    (decode, "_TASK"),
    (text_files, "_CHARACTERS"),
    (prediction, "_VALUES"),
    (file_blocks, "_VALUES"),
)


def _values(rows: int) -> tuple[Any, Any]:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, COLUMNS)).round(3)
    return x, (x.sum(axis=1) > 0).astype(int)


def _csv(path: Path, rows: int) -> None:
    x, y = _values(rows)
    lines = [",".join(map(str, (*row, "ab"[one]))) for row, one in zip(x, y, strict=True)]
    path.write_text("\n".join([",".join([*(f"x{n}" for n in range(COLUMNS)), "y"]), *lines, ""]))


def _npz(path: Path, rows: int) -> None:
    x, y = _values(rows)
    np.savez_compressed(path, x=x.astype(np.float32), y=y)


def _idx(path: Path, rows: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (rows, 12, 12), dtype=np.uint8)
    classes = np.asarray(pixels.mean(axis=(1, 2)) > 127, dtype=np.uint8)
    for name, array in (("images-idx3", pixels), ("labels-idx1", classes)):
        head = bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape)
        with gzip.open(f"{path}-{name}-ubyte.gz", "wb", 1) as file:
            file.write(head + array.tobytes())


def _tsv(path: Path, rows: int) -> None:
    x, y = _values(rows)
    lines = ["\t".join(map(str, (one, *row))) for row, one in zip(x, y, strict=True)]
    path.write_text("\n".join([*lines, ""]))


def _ts(path: Path, rows: int) -> None:
    x, y = _values(rows)
    lines = [f"{','.join(map(str, row))}:{one}" for row, one in zip(x, y, strict=True)]
    path.write_text("\n".join(["@classLabel true 0 1", "@data", *lines, ""]))


def _folders(path: Path, rows: int) -> Iterator[tuple[Path, int]]:
    shutil.rmtree(path, ignore_errors=True)
    for number in range(rows):
        folder = path / "ab"[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        yield folder / f"{number:05}", number


def _images(path: Path, rows: int) -> None:
    random = np.random.default_rng(2)
    for file, number in _folders(path, rows):
        pixels = random.integers(0, 100 + 100 * (number % 2), (40, 40), dtype=np.uint8)
        Image.fromarray(pixels).save(file.with_suffix(".pgm"))


def _audio(path: Path, rows: int) -> None:
    pytest.importorskip("soundfile")
    random = np.random.default_rng(3)
    for file, number in _folders(path, rows):
        with wave.open(str(file.with_suffix(".wav")), "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(1000)
            high = 1000 + 9000 * (number % 2)
            sound.writeframes(random.integers(-high, high, 1600).astype("<i2").tobytes())


def _texts(path: Path, rows: int) -> None:
    for file, number in _folders(path, rows):
        file.with_suffix(".txt").write_text(f"a word {number} {'good' if number % 2 else 'bad'}")


TOKENS = {"preprocess": [{"tokenize": {"length": 6}}]}
WORDS = [{"embedding": {"tokens": 50, "units": 4}}, "flatten", {"dense": "${classes}"}]
FORMS: dict[str, tuple[str, dict[str, Any], Callable[[Path, int], None]]] = {
    "csv": ("{}.csv", {"csv": {"path": "train.csv", "target": "y"}}, _csv),
    "npz": ("{}.npz", {"npz": {"path": "train.npz"}}, _npz),
    "idx.gz": ("{}", {"idx": {"path": "train"}}, _idx),
    "tsv": ("{}.tsv", {"ucr": {"path": "train.tsv"}}, _tsv),
    "ts": ("{}.ts", {"ucr": {"path": "train.ts"}}, _ts),
    "images": ("{}", {"images": {"path": "train", "mode": "grayscale"}}, _images),
    "audio": ("{}", {"audio": {"path": "train", "rate": 1000}}, _audio),
    "texts": ("{}", {"text": {"path": "train"}}, _texts),
}


def _trained(form: str, spec: Spec, folder: Path, **keys: Any) -> Run:
    name, source, write = FORMS[form]
    write(folder / name.format("train"), 40)
    data = {"source": source, "split": {"validation": 0.25, "stratify": True}}
    model: list[Any] = ["flatten", {"dense": "${classes}"}]
    if form == "texts":
        data, model = data | TOKENS, WORDS
    every = {"data": data, "model": model, "metrics": ["accuracy", "roc_auc"], "epochs": 1}
    return dlrun.train(spec(**(every | keys)), runs=folder / "runs")


def _further(form: str, folder: Path, rows: int) -> Path:
    name, _, write = FORMS[form]
    write(folder / name.format("new"), rows)
    return folder / name.format("new")


CASES = [
    *((form, True) for form in FORMS if form != "audio"),
    ("images", False),
    *(pytest.param("audio", cached, marks=pytest.mark.slow) for cached in (True, False)),
]
"""A form, and whether decoded files can be cached."""


@pytest.mark.parametrize(("form", "cached"), CASES)
def test_small_pieces_give_the_results_of_one_and_are_not_kept(
    form: str, cached: bool, spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not cached:
        (tmp_path / "cache").write_text("")
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(scores, "BUFFER_ROWS", 256)
    run = _trained(form, spec, tmp_path)
    file, out = _further(form, tmp_path, ROWS), tmp_path / "out.csv"
    predicted, scored = run.predict_file(str(file)), run.evaluate(str(file))
    assert len(predicted.rows) == ROWS and 0 < scored["loss"] < math.inf
    if form in ("images", "audio"):
        file = file.rename(tmp_path / "moved")  # their names are not those in the cache
        predicted = run.predict_file(str(file))
        shutil.rmtree(tmp_path / "cache", ignore_errors=True)
    for module, name in SMALL:
        monkeypatch.setattr(module, name, 16 if name == "_TASK" else 512)
    monkeypatch.setenv("DLRUN_THREADS", "1")
    held = Held(monkeypatch, type(read_trained(RunDirectory(run.path)).data.source))
    write_csv(run, file, out, print)
    assert [*csv.reader(out.read_text().splitlines())] == [[*predicted.header], *predicted.rows]
    held.need_few()
    assert run.evaluate(str(file)) == scored
    held.need_few()


class Held:
    """Counts the samples that are in memory together while a file is read.

    Args:
        monkeypatch: to observe the source.
        kind: class of the source.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, kind: type[Source]) -> None:
        self._read = self._alive = self._most = 0
        for name in ("input_blocks", "file_blocks"):
            monkeypatch.setattr(kind, name, self._observed(getattr(kind, name)))
        room = Lazy._room
        monkeypatch.setattr(Lazy, "_room", lambda *args: self._seen(room(*args)))

    def need_few(self) -> None:
        """Check that all were read, a few at a time."""
        assert self._read >= ROWS and 0 < self._most <= ROWS // 2
        self._read = self._most = 0

    def _observed(self, blocks: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def observed(*args: Any) -> Iterator[Any]:
            for block in blocks(*args):
                if not isinstance(block.inputs, Lazy):
                    self._seen(block.inputs)
                yield block
                del block

        return observed

    def _seen(self, array: Any) -> Any:
        self._read += len(array)
        self._alive += len(array)
        self._most = max(self._most, self._alive)
        weakref.finalize(array, self._lost, len(array))
        return array

    def _lost(self, count: int) -> None:
        self._alive -= count


def test_missing_values_are_counted_in_the_whole_file(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, file = _trained("csv", spec, tmp_path), _further("csv", tmp_path, 60)
    lines = file.read_text().splitlines()
    for row in (3, 50, 51):
        lines[row] = f",{lines[row].partition(',')[2]}"
    file.write_text("\n".join(lines))
    monkeypatch.setattr(delimited, "_CELLS", 7)
    with pytest.raises(DataError, match=r"missing in the .*new\.csv set: x0 \(3\); add impute"):
        run.evaluate(str(file))


def test_an_autoencoder_is_scored_without_the_targets_that_some_rows_lack(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = {
        "source": {"csv": {"path": "train.csv", "target": "y"}},
        "split": {"validation": 0.2},
        "target": "input",
    }
    keys = {"data": data, "model": [{"dense": 2}, {"dense": COLUMNS}], "loss": "mse", "metrics": []}
    run, file = _trained("csv", spec, tmp_path, **keys), _further("csv", tmp_path, 60)
    scored = run.evaluate(str(file))
    lines = file.read_text().splitlines()
    lines[50] = f"{lines[50].rpartition(',')[0]},"
    file.write_text("\n".join(lines))
    monkeypatch.setattr(delimited, "_CELLS", 7)
    read, blocks = [], Csv.read_blocks

    def counted(self: Csv, path: str, folder: Path) -> Iterator[TextTable]:
        read.append(path)
        return blocks(self, path, folder)

    monkeypatch.setattr(Csv, "read_blocks", counted)
    assert run.evaluate(str(file)) == scored
    assert read == [str(file)]  # once
    lines[55] = f"x,{lines[55].partition(',')[2]}"
    file.write_text("\n".join(lines))
    with pytest.raises(DataError, match=r"new\.csv:56: column 'x0'"):
        run.evaluate(str(file))
