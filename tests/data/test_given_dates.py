"""Tables with dates that a program gives to a run: the columns of the file, not derived ones."""

from __future__ import annotations

import csv
import datetime
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from archives import members_of

import dlrun
from dlrun.errors import DataError

HEADER = ["city", "rooms", "sold", "price"]
ROWS = [
    [["Lyon", "Nice"][n % 2], n % 5 + 1, f"20{10 + n % 9}-0{n % 9 + 1}-1{n % 7}", 100.5 + n]
    for n in range(40)
]


def text_of(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue()


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dlrun.Run:
    folder = tmp_path_factory.mktemp("dates")
    (folder / "t.csv").write_text(text_of(ROWS))
    source = {"csv": {"path": "t.csv", "target": "price", "columns": {"sold": "date"}}}
    spec = {
        "name": "dates",
        "data": {"source": source, "preprocess": ["one_hot", "impute", "standardize"]},
        "model": [{"dense": 1}],
        "loss": "mse",
        "epochs": 1,
    }
    (folder / "spec.yaml").write_text(json.dumps(spec))
    return dlrun.train(folder / "spec.yaml", runs=folder / "runs")


@pytest.fixture(scope="module")
def wanted(run: dlrun.Run, tmp_path_factory: pytest.TempPathFactory) -> np.ndarray:
    file = tmp_path_factory.mktemp("new") / "new.csv"
    file.write_text(text_of(ROWS))
    return np.array([[float(row[1])] for row in run.predict_file(str(file)).rows], np.float32)


def frame() -> pd.DataFrame:
    return pd.DataFrame(ROWS, columns=HEADER)


@pytest.mark.parametrize(
    "convert",
    [
        lambda sold: sold,
        pd.to_datetime,
        lambda sold: pd.to_datetime(sold).dt.tz_localize("UTC"),
        lambda sold: sold.map(datetime.date.fromisoformat),
        lambda sold: sold.map(datetime.datetime.fromisoformat),
    ],
)
def test_a_frame_with_the_columns_of_the_file(
    run: dlrun.Run, wanted: np.ndarray, convert: Any
) -> None:
    given = frame()
    given["sold"] = convert(given["sold"])
    np.testing.assert_array_equal(run.predict(given), wanted)
    given = given[["price", "sold", "rooms", "city"]]
    np.testing.assert_array_equal(run.predict(given), wanted)


def test_rows_with_the_columns_of_the_file(run: dlrun.Run, wanted: np.ndarray) -> None:
    np.testing.assert_array_equal(run.predict([row[:3] for row in ROWS]), wanted)
    np.testing.assert_array_equal(run.predict(frame().drop(columns="price").to_numpy()), wanted)


def test_derived_columns_are_still_taken(run: dlrun.Run, wanted: np.ndarray) -> None:
    sold = pd.to_datetime(frame()["sold"])
    days = (sold - pd.Timestamp("1970-01-01")).dt.days
    given = (
        frame()
        .drop(columns="sold")
        .assign(
            **{
                "sold.days": days,
                "sold.year": sold.dt.year,
                "sold.month": sold.dt.month,
                "sold.day": sold.dt.day,
                "sold.weekday": sold.dt.isocalendar().day.astype(int),
            }
        )
    )
    np.testing.assert_array_equal(run.predict(given), wanted)


def test_a_missing_date_is_as_an_empty_cell(run: dlrun.Run, tmp_path: Path) -> None:
    (tmp_path / "gap.csv").write_text(text_of([["Lyon", 3, "", 1.0]]))
    (row,) = run.predict_file(str(tmp_path / "gap.csv")).rows
    for nothing in (None, "", "NA", float("nan"), pd.NaT, np.datetime64("NaT")):
        (value,) = run.predict([["Lyon", 3, nothing]])
        assert str(value[0]) == row[1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (frame().drop(columns="sold"), "no column 'sold' .* which has city, rooms, sold; rename"),
        (frame().assign(sold="soon"), "sample 0: column 'sold': 'soon' is not a date; write 2026-"),
        ([["Lyon", 3, 20240101]], "column 'sold': a value of type int is not a date"),
        (frame().assign(rooms="many"), "column 'rooms' of the frame holds 'many'; pass numbers"),
        ([["Lyon", 3]], r"predict"),
    ],
)
def test_what_is_not_accepted(run: dlrun.Run, given: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        run.predict(given)


def test_the_card_lists_the_columns_of_the_file(run: dlrun.Run, tmp_path: Path) -> None:
    file = dlrun.archive(run, tmp_path / "a.zip")
    card = members_of(file.read_bytes())["card.md"].decode()
    assert "- input: a table with 3 columns: city, rooms, sold" in card.splitlines()
    assert np.isfinite(dlrun.Run(file).predict(frame())).all()
