"""Arrays that a program gives to a run are read as its source reads files, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image
from scipy import sparse
from scipy.io import wavfile

import dlrun
from dlrun.data.dataset import Dataset
from dlrun.data.sources.audio import Audio
from dlrun.data.sources.images import Images
from dlrun.data.sources.npz import Npz
from dlrun.errors import DataError

SPEC: dict[str, Any] = {
    "name": "given",
    "data": {"split": {"validation": 0}},
    "model": ["flatten", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "epochs": 1,
}


def trained(folder: Path, source: dict[str, Any], *steps: Any) -> dlrun.Run:
    data = {**SPEC["data"], "source": source, "preprocess": steps}
    (folder / "spec.yaml").write_text(json.dumps({**SPEC, "data": data}))
    return dlrun.train(folder / "spec.yaml", runs=folder / "runs")


@pytest.fixture(autouse=True, scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DLRUN_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


TABLE = "a,b,city,y\n" + "".join(
    f"{n},{1_700_000_000 + n},{('Paris', 'Rome')[n % 3 == 0]},{'uv'[n % 2]}\n" for n in range(40)
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> dlrun.Run:
    """A run on a table of two numbers and a category, without impute."""
    folder = tmp_path_factory.mktemp("table")
    (folder / "t.csv").write_text(TABLE)
    source = {"csv": {"path": "t.csv", "target": "y", "columns": {"a": "numeric", "b": "numeric"}}}
    return trained(folder, source, "one_hot", "standardize")


ROWS = np.array([[3.0, 1_700_000_005, 0], [39, 1_700_000_037, 1]])


def file_says(run: dlrun.Run, folder: Path) -> np.ndarray:
    (folder / "new.csv").write_text("city,b,a\nParis,1700000005,3\nRome,1700000037,39\n")
    answers = run.predict_file(str(folder / "new.csv"))
    return np.array([row[2:] for row in answers.rows], np.float32)


@pytest.mark.parametrize(
    "given",
    [
        ROWS,
        ROWS.astype(np.int64),
        ROWS.tolist(),
        ROWS.astype(object),
        np.asfortranarray(ROWS),
        ROWS.astype(">f8"),
        torch.tensor(ROWS),
        np.ma.masked_array(ROWS, False),
        pd.DataFrame(ROWS, columns=["a", "b", "city"]),
        pd.DataFrame(ROWS, columns=["a", "b", "city"]).astype("Int64"),
        pd.DataFrame(ROWS, columns=["a", "b", "city"]).assign(y="u")[["y", "city", "b", "a"]],
        [[3.0, 1_700_000_005, "Paris"], (39, 1_700_000_037, "Rome")],
        np.array([[3.0, 1_700_000_005, "Paris"], [39, 1_700_000_037, 1]], object),
        pd.DataFrame({"city": ["Paris", "Rome"], "b": ROWS[:, 1], "a": [3, 39]}),
        pd.DataFrame({"city": pd.Categorical(["Paris", "Rome"]), "b": ROWS[:, 1], "a": [3, 39]}),
    ],
    ids=lambda given: type(given).__name__,
)
def test_rows_say_what_a_file_does(table: dlrun.Run, tmp_path: Path, given: Any) -> None:
    np.testing.assert_array_equal(table.predict(given), file_says(table, tmp_path))


NAN = np.nan


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (ROWS.astype(complex), "predict needs numbers, got complex128; pass real and imaginary"),
        (ROWS.astype("M8[s]"), "predict needs numbers, got datetime64.*; pass numbers, such as da"),
        (ROWS.astype("m8[s]"), "predict needs numbers, got timedelta64"),
        (ROWS.astype(str), "predict needs numbers, got <U.*; pass rows of numbers and categ"),
        ([[1, None, 0]], "sample 0 holds NoneType; missing values are NaN"),
        ([[1, None, "Rome"]], "sample 0 holds NoneType; missing values are NaN"),
        ([[1, 2, 3], [1, 2, "Paris"]], "3 is not a category of column 'city'; its codes"),
        (
            [[1, 2, 0], [1, 2, "Bonn"]],
            "sample 1: column 'city': 'Bonn' is not a category of .*unkn",
        ),
        ([[1, "2", "Rome"]], "predict needs numbers; sample 0 holds '2'"),
        (np.array([[1, 2, 0], [1, "Rome", 1]], object), "sample 1 holds 'Rome'"),
        ([[1, 2, 3], [1, 2]], "predict needs numbers, all samples of one shape"),
        (np.array([[1, 2, 1j]], object), "sample 0 holds complex"),
        ([[1, NAN, 0]], "sample 0 has NaN in column 'b', and the run has no impute to fill it in"),
        ([[1, 2, 0], [1, np.inf, NAN]], "sample 1 has .* infinite|sample 1 has NaN"),
        ([[1e300, 1, 0]], "sample 0 has values beyond the 32-bit range"),
        (
            np.ma.masked_equal(ROWS, 3.0),
            "predict does not accept masked values; replace them by NaN",
        ),
        (np.zeros(2, [("a", "f8"), ("b", "f8"), ("c", "f8")]), "predict needs numbers, got "),
        (sparse.csr_matrix(ROWS), "predict needs numbers; sample 0 holds csr_matrix"),
        (pd.DataFrame(ROWS, columns=["a", "c", "city"]), "the frame has no column 'b' of the trai"),
        (
            pd.DataFrame({"a": [pd.NA], "b": [1], "city": [0]}),
            "column 'a' of the frame holds NAType",
        ),
        (
            pd.DataFrame({"a": [1.0, 2.0], "b": ["1", "2"], "city": ["Paris", "Rome"]}),
            "column 'b' of the frame holds '1'; pass numbers; missing values are NaN",
        ),
        (
            pd.DataFrame({"a": [1.0], "b": [1], "city": [pd.Timestamp(0)]}),
            "column 'city' of the frame holds (datetime64.*|Timestamp); pass numbers, such as days",
        ),
        (
            pd.DataFrame({"a": [1.0], "b": pd.to_datetime(["2026-01-31"]), "city": [0]}),
            "column 'b' of the frame holds (datetime64.*|Timestamp); pass numbers, such as days",
        ),
        (ROWS[:, :2], r"predict takes samples of \(3,\)"),
        (ROWS[0], r"predict takes samples of \(3,\)"),
        (3.0, r"predict takes samples of \(3,\)"),
    ],
)
def test_what_is_no_row_is_refused(table: dlrun.Run, given: Any, says: str) -> None:
    with pytest.raises(DataError, match=says) as raised:
        table.predict(given)
    assert "\n" not in str(raised.value)


def test_a_missing_category_is_none_of_all(table: dlrun.Run) -> None:
    wanted = table.predict([[1, 1_700_000_001, NAN], [1, 1_700_000_001, 1]])
    assert np.isfinite(wanted).all()
    both = table.predict([[1, 1_700_000_001, None], [1, 1_700_000_001, "Rome"]])
    np.testing.assert_array_equal(both, wanted)
    frame = pd.DataFrame({"a": [1, 1], "b": [1_700_000_001] * 2, "city": [pd.NA, "Rome"]})
    np.testing.assert_array_equal(table.predict(frame), both)


@pytest.mark.parametrize("city", [0, "Paris", None])
def test_a_missing_category_does_not_depend_on_other_rows(table: dlrun.Run, city: Any) -> None:
    first, second = [1, 1_700_000_001, None], [2, 1_700_000_002, city]
    wanted = table.predict([[1, 1_700_000_001, NAN]])
    np.testing.assert_array_equal(table.predict([first]), wanted)
    frame = pd.DataFrame([first, second], columns=["a", "b", "city"], dtype=object)
    for both in ([first, second], np.array([first, second], object), frame):
        # The last bits of a matrix multiplication depend on the number of rows.
        np.testing.assert_allclose(table.predict(both)[:1], wanted, rtol=1e-6)


def test_a_new_category_counts_as_missing_if_the_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("city,y\n" + "Paris,u\nRome,v\n" * 9)
    source = {"csv": {"path": "t.csv", "target": "y"}}
    run = trained(tmp_path, source, {"one_hot": {"unknown": "ignore"}})
    found = run.predict(np.array([["Bonn"], ["Paris"]]))
    np.testing.assert_array_equal(found, run.predict([[NAN], [0]]))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> dlrun.Run:
    folder = tmp_path_factory.mktemp("images")
    pixels = np.random.default_rng(0).integers(0, 256, (20, 4, 4), np.uint8)
    np.savez(folder / "t.npz", x=pixels, y=np.arange(20) % 2)
    return trained(folder, {"npz": str(folder / "t.npz")})


def test_images_of_bytes_are_scaled_as_those_of_the_source(
    images: dlrun.Run, tmp_path: Path
) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (3, 4, 4), np.uint8)
    np.savez(tmp_path / "new.npz", x=pixels)
    answers = images.predict_file(str(tmp_path / "new.npz"))
    wanted = np.array([row[2:] for row in answers.rows], np.float32)
    np.testing.assert_array_equal(images.predict(pixels), wanted)
    np.testing.assert_array_equal(images.predict(pixels[..., None]), wanted)
    floats = (pixels / np.float32(255))[..., None]
    np.testing.assert_array_equal(images.predict(floats), wanted)
    np.testing.assert_array_equal(
        images.predict(pixels[..., None] > 300), images.predict(0 * floats)
    )
    with pytest.raises(DataError, match="the array holds int64; the training data was uint8"):
        images.predict(pixels[..., None].astype(int))


@pytest.mark.parametrize("axes", [(4, 4), (4, 4, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, int, float])
def test_one_image_without_the_axis_of_samples(
    images: dlrun.Run, axes: tuple[int, ...], dtype: type
) -> None:
    wanted = r"takes samples of \(4, 4, 1\) in an array \(n, 4, 4, 1\), got \(4, 4.*in brackets"
    with pytest.raises(DataError, match=wanted):
        images.predict(np.zeros(axes, dtype))
    assert images.predict([np.zeros(axes, np.uint8)]).shape == (1, 2)


def test_an_array_of_bytes_is_not_scaled_where_the_training_data_was_not(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (20, 4, 4, 1), np.uint8)
    np.savez(tmp_path / "t.npz", x=pixels.astype(np.float32), y=np.arange(20) % 2)
    np.savez(tmp_path / "u.npz", x=pixels, y=np.arange(20) % 2)
    run = trained(tmp_path, {"npz": "t.npz"})
    says = "holds uint8, which would be scaled to 0..1 as images are; the training data had another"
    with pytest.raises(DataError, match=says):
        run.predict(pixels)
    for read in (run.predict_file, run.evaluate):
        with pytest.raises(DataError, match=says):
            read(str(tmp_path / "u.npz"))
    source = Npz(path="t.npz")
    with pytest.raises(DataError, match=r"u\.npz: 'x' holds uint8, which would"):
        source.load_file("u.npz", tmp_path, source.load(0, tmp_path))
    source = Npz(path="u.npz")
    np.savez(tmp_path / "v.npz", x=pixels.astype(np.int32), y=np.arange(20) % 2)
    with pytest.raises(DataError, match=r"v\.npz: 'x' holds int32; the training data was uint8"):
        source.load_file("v.npz", tmp_path, source.load(0, tmp_path))


def test_arrays_of_image_files_are_scaled_as_files(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (4, 3, 5, 3), np.uint8)
    for number, each in enumerate(pixels):
        file = tmp_path / "photos" / "ab"[number % 2] / f"{number}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(each).save(file)
    source = Images(path="photos")
    data = source.load(0, tmp_path)
    order = [0, 2, 1, 3]
    found = source.of_array(pixels[order], data)
    np.testing.assert_allclose(found, data.inputs, rtol=1e-7)
    np.testing.assert_array_equal(source.of_array(data.inputs, data), data.inputs)
    wide = source.of_array(pixels[order].astype(np.uint16) * 257, data)
    np.testing.assert_allclose(wide, data.inputs, rtol=1e-6)
    with pytest.raises(DataError, match=r"needs images as uint8 or uint16, .* as floats .* int64"):
        source.of_array(pixels.astype(np.int64), data)


@pytest.mark.parametrize("dtype", ["int16", "int32", "uint8"])
def test_arrays_of_sound_are_scaled_as_files(tmp_path: Path, dtype: str) -> None:
    limits = np.iinfo(dtype)
    waves = np.random.default_rng(0).integers(limits.min, limits.max, (2, 50), dtype)
    for number, wave in enumerate(waves):
        file = tmp_path / "sounds" / "ab"[number] / "x.wav"
        file.parent.mkdir(parents=True)
        wavfile.write(file, 8000, wave)
    source = Audio(path="sounds", rate=8000)
    data = source.load(0, tmp_path)
    np.testing.assert_allclose(source.of_array(waves[..., None], data), data.inputs, atol=1e-7)
    with pytest.raises(DataError, match=r"needs recordings as uint8 or int16 or int32, .* int64"):
        source.of_array(waves.astype(np.int64), data)


def test_runs_that_did_not_keep_how_inputs_were_scaled_go_by_the_type() -> None:
    like = Dataset(np.empty((0, 4, 4, 1), np.float32), np.empty(0), "classification", ("a", "b"))
    pixels = np.arange(48, dtype=np.uint8).reshape(3, 4, 4)
    found = Npz(path="t.npz").of_array(pixels, like)
    np.testing.assert_array_equal(found[..., 0], pixels / np.float32(255))
    assert Npz(path="t.npz").of_array(pixels.astype(int)[..., None], like).max() == 47


def test_the_columns_of_an_array_are_numbered_and_not_taken_by_position(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    np.savez(tmp_path / "t.npz", x=x, y=np.arange(40) % 2)
    run = trained(tmp_path, {"npz": str(tmp_path / "t.npz")})
    wanted, frame = run.predict(x), pd.DataFrame(x, columns=["x0", "x1", "x2"])
    assert np.array_equal(run.predict(frame[["x2", "x0", "x1"]]), wanted)
    assert np.array_equal(run.predict(pd.DataFrame(x)), wanted)
    for names in (["c", "a", "b"], [2, 1, 0]):
        with pytest.raises(DataError, match=r"no column 'x0' .*; rename .*frame\.to_numpy\(\)"):
            run.predict(pd.DataFrame(x, columns=names))
