from __future__ import annotations

import math
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.errors import DataError
from dlrun.run_directory.metrics import append_row, columns_of, read_columns
from dlrun.run_directory.metrics_mark import cut, mark


@given(st.lists(st.tuples(st.integers(0, 10**9), st.floats()), min_size=1, max_size=20))
def test_every_number_comes_back_exactly(rows: list[tuple[int, float]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "metrics.csv"
        for epoch, loss in rows:
            append_row(path, {"epoch": epoch, "train.loss": loss})
        columns = read_columns(path)
    assert list(columns) == ["epoch", "train.loss"]
    assert columns["epoch"] == [epoch for epoch, _ in rows]
    for (_, written), read in zip(rows, columns["train.loss"], strict=True):
        assert read == written or (math.isnan(read) and math.isnan(written))


def test_numpy_numbers_are_written_as_numbers(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    append_row(path, {"epoch": np.int64(1), "a": np.float64(0.1), "b": np.float32(0.1)})  # type: ignore[dict-item]
    assert path.read_text() == "epoch,a,b\n1,0.1,0.10000000149011612\n"


def test_a_row_of_other_keys_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    append_row(path, {"epoch": 1, "loss": 0.5})
    with pytest.raises(ValueError, match="does not fit the columns"):
        append_row(path, {"epoch": 2})
    with pytest.raises(ValueError, match="does not fit the columns"):
        append_row(path, {"loss": 0.5, "epoch": 2})
    assert read_columns(path)["epoch"] == [1]


def test_a_last_row_that_was_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text("epoch,loss\n1,0.5\n2,0.")
    assert read_columns(path) == {"epoch": [1.0], "loss": [0.5]}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: the header is cut off"),
        ("epoch,lo", ":1: the header is cut off"),
        ("\n1,2\n", ":1: the header is empty"),
        ("epoch,epoch\n1,2\n", ":1: two columns have the same name"),
        ("epoch,loss\n1,0.5\n2\n", ":3: 1 cells, expected 2"),
        ("epoch,loss\n1,low\n", ":2: 'low' in column 'loss' is not a number"),
    ],
)
def test_broken_files_say_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_columns(path)
    assert str(caught.value).startswith(f"{path}{message}")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_columns(tmp_path / "metrics.csv")


def test_rows_behind_an_epoch_are_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "metrics.csv"
    assert mark(path, 2) == mark(path)
    for epoch in range(1, 5):
        append_row(path, {"epoch": epoch, "loss": 0.1 * epoch})
    cut(path, mark(path, 7))
    assert read_columns(path)["epoch"] == [1, 2, 3, 4]
    cut(path, mark(path, 2))
    assert read_columns(path) == {"epoch": [1, 2], "loss": [0.1, 0.2]}
    cut(path, mark(path, 0))
    assert path.read_text() == ""
    append_row(path, {"epoch": 1, "loss": 0.5})
    assert read_columns(path)["loss"] == [0.5]


@pytest.mark.parametrize("text", ["epoch,loss\n1,0.5\n2,1e-3\n", "epoch\n", "a,b\n1,2\n1"])
def test_text_is_read_as_the_file_is(tmp_path: Path, text: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    assert columns_of(text, path) == read_columns(path)


@pytest.mark.parametrize("text", ["", "a", "a,b\n1\n", "a\nx\n", 'a\n"' + "x" * 200_000 + '"\n'])
def test_broken_text_has_the_error_of_the_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "metrics.csv"
    path.write_text(text)
    messages = []
    for read in (lambda: columns_of(text, path), lambda: read_columns(path)):
        with pytest.raises(DataError) as caught:
            read()
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
