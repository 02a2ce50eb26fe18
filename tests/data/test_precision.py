"""Numbers that float32 cannot tell apart stay apart up to the end of preprocessing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from dlrun.data.files import array_file
from dlrun.data.fingerprint import same_data
from dlrun.data.overview import overview
from dlrun.data.parts import read_parts
from dlrun.data.prepared import Prepared, prepare
from dlrun.data.preprocess.impute import Impute
from dlrun.data.preprocess.min_max import MinMax
from dlrun.data.preprocess.standardize import Standardize
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.npz import Npz
from dlrun.data.sources.parquet import Parquet
from dlrun.data.sources.ucr import Ucr
from dlrun.data.split.section import Split
from dlrun.errors import DataError

SECONDS = 1_700_000_000 + np.arange(200)  # float32 holds every 128th of these
FORMS = ["csv", "parquet", "npz int64", "npz uint32", "npz float64", "npz mapped"]
SPLIT = Split(validation=0.25)


@pytest.fixture(params=FORMS)
def source(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Writes one column and targets in a form, and gives the source that reads them."""

    def write(folder: Path, x: np.ndarray, y: np.ndarray) -> Any:
        form = request.param
        if form == "csv":
            rows = "".join(f"{a!r},{b!r}\n" for a, b in zip(x.tolist(), y.tolist(), strict=True))
            (folder / "t.csv").write_text(f"x0,y\n{rows}")
            return Csv(path="t.csv", target="y", task="regression")
        if form == "parquet":
            parquet.write_table(pa.table({"x0": x, "y": y}), folder / "t.parquet")
            return Parquet(path="t.parquet", target="y", task="regression")
        if form == "npz mapped":
            monkeypatch.setattr(array_file, "_LARGE", 1)
        dtype = form.split()[1] if form != "npz mapped" else "float64"
        np.savez(folder / "t.npz", x=x.astype(dtype)[:, None], y=y.astype(np.float64))
        return Npz(path="t.npz")

    return write


def prepared(source: Any, folder: Path, *steps: Any, split: Split = SPLIT) -> Prepared:
    return prepare(DataSection(source=source, split=split, preprocess=steps), 0, folder)


@pytest.mark.parametrize(
    ("step", "scaler"), [(Standardize(), StandardScaler()), (MinMax(), MinMaxScaler())]
)
def test_scaling_keeps_seconds_apart(tmp_path: Path, source: Any, step: Any, scaler: Any) -> None:
    made = source(tmp_path, SECONDS, np.sin(np.arange(200.0)))
    data = prepared(made, tmp_path, step)
    rows = read_parts(DataSection(source=made, split=SPLIT), 0, tmp_path).rows
    assert data.train.inputs.dtype == data.train.targets.dtype == np.float32
    expected = scaler.fit(SECONDS[rows["train"], None])
    for part, found in (("train", data.train), ("validation", data.validation)):
        wanted = expected.transform(SECONDS[rows[part], None].astype(np.float64))
        np.testing.assert_allclose(found.inputs[:], wanted, atol=1e-6)
        again = data.pipeline.transform(SECONDS[rows[part], None].astype(np.float64))
        np.testing.assert_array_equal(again, found.inputs[:])  # as Run.predict does it
    assert not data.notes


def test_gaps_are_filled_with_all_digits(tmp_path: Path) -> None:
    texts = [str(each) for each in SECONDS]
    texts[7] = ""
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{each},0.5\n" for each in texts))
    data = prepared(
        Csv(path="t.csv", target="y"), tmp_path, Impute(), MinMax(), split=Split(validation=0)
    )
    present = np.delete(SECONDS, 7)
    expected = (present.mean() - SECONDS[0]) / 199
    assert data.train.inputs[7, 0] == pytest.approx(expected, abs=1e-6)


def test_what_differs_beyond_float32_is_no_leak(tmp_path: Path, source: Any) -> None:
    made = source(tmp_path, SECONDS, SECONDS * 2.0)
    found = overview(read_parts(DataSection(source=made, split=SPLIT), 0, tmp_path))
    assert not found.leaks
    assert found.parts["train"].repeated == 0
    assert found.columns[0].distinct in (200, None)
    assert found.parts["train"].targets.distinct == 150


def test_equal_numbers_of_two_types_are_a_leak(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(6, dtype=np.float32)[:, None], y=[0, 1] * 3)
    np.savez(tmp_path / "b.npz", x=np.arange(3, 9, dtype=np.int64)[:, None], y=[1, 0] * 3)
    section = DataSection(source=Npz(path="a.npz"), split=Split(validation="b.npz"))
    (leak,) = overview(read_parts(section, 0, tmp_path)).leaks
    assert (leak.samples, leak.contradicting) == (3, 0)


@pytest.mark.parametrize(
    ("x", "noted"),
    [
        (SECONDS, True),
        (10_000_001 + 7 * np.arange(200), False),  # below 2^24
        (100_000_001 + 3 * np.arange(200), True),  # ids, of which some become equal
        (1e-46 * np.arange(200), True),  # float32 has 0 for most of these
        (np.linspace(0.1, 0.9, 200), False),
        (1000 + np.linspace(0.1, 0.9, 200), False),
        (1e7 + np.linspace(0.1, 0.9, 200), True),
        (np.full(200, 1e9 + 1), False),  # constant
        (np.r_[np.linspace(-1, 1, 199), 1e6], False),  # an outlier costs only its own digits
    ],
)
def test_a_note_says_where_a_network_gets_less(tmp_path: Path, x: np.ndarray, noted: bool) -> None:
    np.savez(tmp_path / "t.npz", x=np.c_[x, np.arange(200)], y=np.arange(200) % 3)
    data = prepared(Npz(path="t.npz"), tmp_path)
    assert data.train.inputs.dtype == np.float32
    if noted:
        (note,) = data.notes
        assert note.startswith("column x0 loses digits as 32-bit floats")
        assert not prepared(Npz(path="t.npz"), tmp_path, Standardize()).notes
    else:
        assert not data.notes


def test_a_note_says_where_targets_lose_digits(tmp_path: Path, source: Any) -> None:
    made = source(tmp_path, np.arange(200), SECONDS.astype(np.float64))
    (note,) = prepared(made, tmp_path, Standardize()).notes
    assert note.startswith("targets lose digits as 32-bit floats")


def test_series_keep_their_digits(tmp_path: Path) -> None:
    lines = [f"{n % 2 + 1}\t" + "\t".join(str(1_700_000_000 + n + t) for t in range(5)) for n in
             range(6)]  # fmt: skip
    (tmp_path / "t.tsv").write_text("\n".join(lines))
    data = prepared(Ucr(path="t.tsv"), tmp_path, Standardize(), split=Split(validation=0))
    expected = np.arange(6.0)[:, None] + np.arange(5.0)
    expected = (expected - expected.mean()) / expected.std()
    np.testing.assert_allclose(data.train.inputs[:, :, 0], expected, atol=1e-6)


def test_data_that_differs_beyond_float32_has_another_fingerprint(
    tmp_path: Path, source: Any
) -> None:
    first = prepared(source(tmp_path, SECONDS, np.zeros(200)), tmp_path, Standardize())
    changed = SECONDS.copy()
    changed[3] += 1
    assert np.float32(changed[3]) == np.float32(SECONDS[3])
    second = prepared(source(tmp_path, changed, np.zeros(200)), tmp_path, Standardize())
    assert first.fingerprint != second.fingerprint


def test_data_that_float32_holds_has_the_fingerprint_it_had(tmp_path: Path, source: Any) -> None:
    made = source(tmp_path, np.arange(200) * 3, np.arange(200) / 4)
    found = prepared(made, tmp_path)
    # Of (n, 1) little-endian float32 inputs and targets, each after its type and shape.
    assert found.fingerprint.partition("+")[0] == (
        "72b386b01831bd9b858e5bf97016d29ffae1c6147c1845c9418168d5f2582ef1"
    )


def test_names_are_data_too(tmp_path: Path) -> None:
    found = {}
    for text in ("a,b,y\n1,2,u\n3,4,v\n", "b,a,y\n1,2,u\n3,4,v\n", "a,b,y\n1,2,u\n3,4,w\n"):
        (tmp_path / "t.csv").write_text(text)
        source = Csv(path="t.csv", target="y")
        found[text] = prepared(source, tmp_path, split=Split(validation=0)).fingerprint
    one, *others = found.values()
    assert not any(same_data(one, other) for other in others)
    # Version 0.1 kept the first digest alone.
    assert all(same_data(one.partition("+")[0], other) for other in others)
    assert not same_data(None, one)


def test_in_memory_and_in_the_file_are_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "t.npz", x=random.normal(1e6, 1, (300, 4)), y=random.normal(1e6, 1, 300))
    steps = (Standardize(), MinMax())
    first = prepared(Npz(path="t.npz"), tmp_path, *steps)
    monkeypatch.setattr(array_file, "_LARGE", 1)
    second = prepared(Npz(path="t.npz"), tmp_path, *steps)
    for one, two in ((first.train, second.train), (first.validation, second.validation)):
        assert np.array_equal(one.inputs, two.inputs[:])
        assert np.array_equal(one.targets, two.targets[:])
    assert first.fingerprint == second.fingerprint


def test_values_beyond_float32_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "t.npz", x=np.array([[1.0], [1e39]]), y=[0, 1])
    with pytest.raises(DataError, match="1 of 2 values of 'x' are NaN or infinite as 32-bit"):
        Npz(path="t.npz").load(0, tmp_path)
