"""What tables say of their columns, and what is said of them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from pydantic import ValidationError

from dlrun.data.dataset import Dataset
from dlrun.data.numerals import Numerals
from dlrun.data.prepared import prepare
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.parquet import Parquet
from dlrun.data.split.section import Split
from dlrun.errors import DataError


def load(folder: Path, text: str, target: str = "y", **options: Any) -> Dataset:
    (folder / "t.csv").write_text(text)
    return Csv(path="t.csv", target=target, **options).load(0, folder)


def rows(cells: list[str], head: str = "x") -> str:
    """A column and a target of two classes."""
    return f"{head};y\n" + "".join(f"{cell};{'ab'[n % 2]}\n" for n, cell in enumerate(cells))


def column(folder: Path, cells: list[str], **options: Any) -> tuple[list[float], Dataset]:
    data = load(folder, rows(cells), delimiter=";", **options)
    return np.asarray(data.inputs)[:, 0].tolist(), data


# As pandas' documentation of read_csv lists them.
PANDAS = """
#N/A;#N/A N/A;#NA;-1.#IND;-1.#QNAN;-NaN;-nan;1.#IND;1.#QNAN;<NA>;N/A;NA;NULL;NaN;None;n/a;nan;null
""".strip().split(";")


def test_missing_values_are_those_of_pandas(tmp_path: Path) -> None:
    cells = ["1.5", *PANDAS, "?"]
    found, data = column(tmp_path, cells)
    frame = pd.read_csv(io.StringIO(rows(cells[:-1])), sep=";", skip_blank_lines=True)
    assert data.columns == (type(data.columns[0])("x"),)
    np.testing.assert_array_equal(found[:-1], frame["x"].to_numpy())
    assert np.isnan(found[-1])


def test_what_is_listed_as_missing_adds_to_the_usual(tmp_path: Path) -> None:
    cells = ["1", "-999", "-999.0", "-9.99e2", "", "NA", "x", "99"]
    found, _ = column(tmp_path, cells, missing=("-999", "x"))
    np.testing.assert_array_equal(found, [1, *[np.nan] * 6, 99])


def test_the_usual_may_be_categories(tmp_path: Path) -> None:
    _, data = column(tmp_path, ["NA", "DE", "", "None"], usual_missing=False, missing=("DE",))
    assert data.columns[0].categories == ("NA", "None")
    np.testing.assert_array_equal(data.inputs[:, 0], [0, np.nan, np.nan, 1])


def test_the_list_of_older_specs_is_the_same_spec() -> None:
    old = ("", "NA", "N/A", "NaN", "nan", "null", "?")
    assert Csv(path="t.csv", target="y", missing=old) == Csv(path="t.csv", target="y")
    assert Csv(path="t.csv", target="y", missing=[*old, "-"]).missing == ("-",)


def test_a_category_that_a_network_knows_is_no_missing_value(tmp_path: Path) -> None:
    """As of a run of version 0.1, to which None was a text like others."""
    _, data = column(tmp_path, ["None", "b", "a", "b"], usual_missing=False)
    (tmp_path / "t.csv").write_text(rows(["a", "None", "NA"]))
    inputs = Csv(path="t.csv", target="y", delimiter=";").load_inputs("t.csv", tmp_path, data)
    np.testing.assert_array_equal(inputs.inputs[:, 0], [1, 0, np.nan])


@pytest.mark.parametrize(
    ("decimal", "thousands", "cells", "expected"),
    [
        (",", None, ["1,5", "-0,25", ",5", "3", "1e-2", "2,5e3"], [1.5, -0.25, 0.5, 3, 0.01, 2500]),
        (".", ",", ["1,234", "12", "-1,234,567.5", "1234.5"], [1234, 12, -1234567.5, 1234.5]),
        (",", ".", ["1.234,5", "1.234.567", "0,5"], [1234.5, 1234567, 0.5]),
        (".", "'", ["1'234.5", "7"], [1234.5, 7]),
        (".", " ", ["1 234.5", "7"], [1234.5, 7]),
        (".", ",", ["12,34,567", "1,000"], [1234567, 1000]),  # as India groups digits
    ],
)
def test_numbers_in_other_writing(
    tmp_path: Path, decimal: str, thousands: str | None, cells: list[str], expected: list[float]
) -> None:
    found, data = column(tmp_path, cells, decimal=decimal, thousands=thousands)
    assert found == expected
    assert not data.notes
    if thousands != ",":  # pandas takes no Indian groups for wrong, but others neither
        frame = pd.read_csv(io.StringIO(rows(cells)), sep=";", decimal=decimal, thousands=thousands)
        assert frame["x"].tolist() == expected


@pytest.mark.parametrize(
    ("decimal", "thousands", "text"),
    [
        (",", None, "1.5"),
        (".", ",", "1,23"),
        (".", ",", ",123"),
        (".", ",", "1,2345"),
        (".", ",", "1234,567"),
        (".", ",", "1.5,000"),
        (",", ".", "1.5"),
        (",", ".", "1.234.5"),
        (",", None, "1,5,5"),
        (",", None, "1_0,5"),
        (",", None, "\u0661,5"),
        (",", None, "+"),
        (",", None, ","),
    ],
)
def test_what_is_no_number_in_other_writing(decimal: str, thousands: str | None, text: str) -> None:
    assert Numerals(decimal, thousands).parse(text) is None


@pytest.mark.parametrize("mark", ["", "..", "1", "a", "-", '"', "\n"])
@pytest.mark.parametrize("key", ["decimal", "thousands"])
def test_impossible_marks(key: str, mark: str) -> None:
    with pytest.raises(ValidationError, match="one character other than a letter"):
        Csv(path="t.csv", target="y", **{key: mark})


def test_one_mark_is_not_two() -> None:
    with pytest.raises(ValidationError, match="cannot be both decimal and thousands"):
        Csv(path="t.csv", target="y", decimal=",", thousands=",")


@pytest.mark.parametrize("cells", [["0", "1"], ["3", "1", "2"], ["1.0", "0.0"], ["a", "b"]])
def test_ordinary_classes_are_nothing_strange(tmp_path: Path, cells: list[str]) -> None:
    text = "x,y\n" + "".join(f"{n / 7},{cells[n % len(cells)]}\n" for n in range(40))
    data = load(tmp_path, text)
    assert data.task == "classification" and data.notes == ()


def test_targets_have_the_same_numerals(tmp_path: Path) -> None:
    text = "x;y\n" + "".join(f"{n};{n},25\n" for n in range(40))
    data = load(tmp_path, text, delimiter=";", decimal=",")
    assert data.task == "regression"
    assert data.targets[:, 0].tolist() == [n + 0.25 for n in range(40)]
    (note,) = load(tmp_path, text, delimiter=";").notes
    assert note == (
        "t.csv: target 'y' is read as 40 classes: all values are numbers with decimal: ',' in "
        "data.source; add it, or set data.source.task to classification"
    )
    data = load(tmp_path, "x;y\n1;1,0\n2;2,50\n3;1\n4;2,5\n", delimiter=";", decimal=",",
                task="classification")  # fmt: skip
    assert data.targets.tolist()[:3:2] == [0, 0]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ([*map(str, range(17)), "O.5", *map(str, range(22))], "39 of 40 values are numbers, but line 19 has 'O.5'"),  # noqa: E501
        (["1", "2", "", "3", "-"], "3 of 4 values are numbers, but line 6 has '-'"),
        (["1,5", "2,25", "3"], "numbers with decimal: ',' in data.source"),
        (["1,500", "2,250", "3"], "numbers with decimal: ',' or thousands: ',' in data.source"),
        (["1.500,5", "2,250", "3"], "numbers with decimal: ',' and thousands: '.' in"),
        (["1'500", "250"], "numbers with thousands: \"'\" in data.source"),
    ],
)  # fmt: skip
def test_nearly_numbers_are_told(tmp_path: Path, cells: list[str], says: str) -> None:
    _, data = column(tmp_path, cells)
    (note,) = data.notes
    assert "column 'x' is read as text with" in note
    assert says in note
    assert not column(tmp_path, cells, columns={"x": "categorical"})[1].notes


@pytest.mark.parametrize(
    "cells", [["red", "blue", "red"], ["1a", "2b", "3"], ["Paris", "", "1"], ["a,b", "c,d"]]
)
def test_words_are_nothing_strange(tmp_path: Path, cells: list[str]) -> None:
    assert not column(tmp_path, cells)[1].notes


def test_columns_of_many_texts_are_told(tmp_path: Path) -> None:
    _, data = column(tmp_path, [f"name {n}" for n in range(40)])
    (note,) = data.notes
    assert note.startswith("t.csv: column 'x' has 40 categories in 40 rows")
    assert not column(tmp_path, [f"name {n % 10}" for n in range(40)])[1].notes


def test_a_column_that_counts_the_rows_is_told(tmp_path: Path) -> None:
    text = "Unnamed: 0,x,y\n" + "".join(f"{n},{n * n % 7},{'ab'[n % 2]}\n" for n in range(40))
    (note,) = load(tmp_path, text).notes
    assert note.startswith("t.csv: column 'Unnamed: 0' counts the rows")
    assert not load(tmp_path, text, columns={"Unnamed: 0": "numeric"}).notes


def test_whole_numbers_beyond_float64_are_told(tmp_path: Path) -> None:
    _, data = column(tmp_path, ["9007199254740992", "9007199254740993", "5"])
    (note,) = data.notes
    assert note.startswith("t.csv:3: column 'x': 9007199254740993 loses digits")
    table = pa.table({"x": [1, 2**60 + 1, None], "y": ["a", "b", "a"]})
    parquet.write_table(table, tmp_path / "t.parquet")
    (note,) = Parquet(path="t.parquet", target="y").load(0, tmp_path).notes
    assert note.startswith("t.parquet: row 1: column 'x': 1152921504606846977 loses digits")


DATES = ["2026-01-31", "2024-02-29T18:30", "", "1969-12-31T23:00:00-02:00"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_dates_become_numbers(tmp_path: Path, form: str) -> None:
    if form == "csv":
        data = load(tmp_path, rows(DATES), delimiter=";", columns={"x": "date"})
    else:
        moments = [None if not each else pd.Timestamp(each) for each in DATES]
        utc = [
            None if m is None else m.tz_localize("UTC") if m.tzinfo is None else m.tz_convert("UTC")
            for m in moments
        ]
        array = pa.array(utc, pa.timestamp("ns", "UTC"))
        table = pa.table({"x": array, "y": ["a", "b", "a", "b"]})
        parquet.write_table(table, tmp_path / "t.parquet")
        source = Parquet(path="t.parquet", target="y", columns={"x": "date"})
        data = source.load(0, tmp_path)
    stamps = pd.to_datetime(pd.Series(DATES), utc=True, format="ISO8601")
    expected = {
        "x.days": (stamps - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1),
        "x.year": stamps.dt.year,
        "x.month": stamps.dt.month,
        "x.day": stamps.dt.day,
        "x.weekday": stamps.dt.day_of_week + 1,
        "x.hour": stamps.dt.hour + stamps.dt.minute / 60,
    }
    assert [each.name for each in data.columns] == list(expected)
    for values, wanted in zip(np.asarray(data.inputs).T, expected.values(), strict=True):
        np.testing.assert_allclose(values, wanted.to_numpy(float), rtol=1e-12)


def test_dates_without_times_have_no_hour_and_further_files_the_same_columns(
    tmp_path: Path,
) -> None:
    source = Csv(path="t.csv", target="y", delimiter=";", columns={"x": "date"})
    data = load(tmp_path, rows(["2026-01-31", "2026-02-01"]), delimiter=";", columns={"x": "date"})
    names = [each.name for each in data.columns]
    assert names == ["x.days", "x.year", "x.month", "x.day", "x.weekday"]
    (tmp_path / "more.csv").write_text(rows(["2026-03-01T06:00", "2026-03-02"]))
    for further in (source.load_file, source.load_inputs):
        inputs = np.asarray(further("more.csv", tmp_path, data).inputs)
        assert inputs[:, 1:].tolist() == [[2026, 3, 1, 7], [2026, 3, 2, 1]]
    (tmp_path / "more.csv").write_text(rows(["2026-03-01", "soon"]))
    for further in (source.load_file, source.load_inputs):
        with pytest.raises(
            DataError, match=r"more\.csv:3: column 'x': 'soon' is not a date; write 2"
        ):
            further("more.csv", tmp_path, data)
    (tmp_path / "more.csv").write_text("z;y\n1;a\n")
    for further in (source.load_file, source.load_inputs):
        with pytest.raises(DataError, match=r"more\.csv:1: .* column 'x'"):
            further("more.csv", tmp_path, data)


@pytest.mark.parametrize(
    ("cells", "iso"),
    [
        (["2026-01-31", "2026-02-01"], True),
        (["2026-01-31 12:30:00", ""], True),
        (["2026-01-31T12:30:00.123456Z", "2026-01-31T12:30"], True),
        (["31.01.2026", "01.02.2026"], False),
        (["01/31/2026", "2/1/2026"], False),
        (["31/01/26", "01/02/26"], False),
        (["31-Jan-2026", "1 Feb 2026"], False),
    ],
)
def test_dates_of_which_nothing_is_said_are_refused(
    tmp_path: Path, cells: list[str], iso: bool
) -> None:
    with pytest.raises(DataError) as raised:
        column(tmp_path, cells)
    said = str(raised.value)
    assert said.startswith(
        f"t.csv:2: column 'x': {cells[0]!r} is a date, like all values of the column;"
    )
    assert said.endswith(
        "set data.source.columns.x to date (to learn from it), categorical or ignore"
    )
    assert ("write 2026-01-31 or" in said) == (not iso)
    _, data = column(tmp_path, cells, columns={"x": "categorical"})
    assert data.columns[0].categorical


@pytest.mark.parametrize("cells", [["1.2.3", "1.10.2"], ["2026-01", "2026-02"], ["12:30", "13:00"]])
def test_what_is_no_date_is_text(tmp_path: Path, cells: list[str]) -> None:
    assert column(tmp_path, cells)[1].columns[0].categories == tuple(sorted(cells))


def test_a_target_of_dates_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t\.csv:2: column 'y': '2026-01-01' is a date"):
        load(tmp_path, "x,y\n1,2026-01-01\n2,2026-01-02\n")


def test_a_part_of_a_date_must_not_be_a_column(tmp_path: Path) -> None:
    with pytest.raises(
        DataError,
        match=r"t\.csv: 'd\.year' is a column and would also be derived from the dates of 'd'",
    ):
        load(tmp_path, "d,d.year,y\n2026-01-01,1,a\n2026-01-02,1,b\n", columns={"d": "date"})


@pytest.mark.parametrize(
    "index",
    [
        pd.RangeIndex(40),
        pd.Index(range(100, 140)),
        pd.Index([f"row {n}" for n in range(40)], name="who"),
        pd.MultiIndex.from_product([range(20), ["a", "b"]], names=["one", None]),
        pd.date_range("2026-01-01", periods=40),
    ],
)
def test_the_index_of_pandas_is_no_input(tmp_path: Path, index: pd.Index) -> None:
    random = np.random.default_rng(0)
    frame = pd.DataFrame({"x": random.normal(size=40), "y": ["a"] * 20 + ["b"] * 20}, index)
    frame.to_parquet(tmp_path / "t.parquet")
    data = Parquet(path="t.parquet", target="y").load(0, tmp_path)
    assert [each.name for each in data.columns] == ["x"]
    np.testing.assert_array_equal(data.inputs[:, 0], frame["x"])
    source = Parquet(path="t.parquet", target="y")
    assert len(source.load_file("t.parquet", tmp_path, data)) == 40
    assert len(source.load_inputs("t.parquet", tmp_path, data).names) == 40


def test_the_index_of_pandas_may_be_asked_for(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": ["a", "b"]}, pd.Index([7, 8], name="age"))
    frame.to_parquet(tmp_path / "t.parquet")
    source = Parquet(path="t.parquet", target="y", columns={"age": "numeric"})
    assert source.load(0, tmp_path).inputs.tolist() == [[1, 7], [2, 8]]
    target = Parquet(path="t.parquet", target="age", columns={"y": "ignore"})
    assert target.load(0, tmp_path).classes == ("7", "8")


def test_metadata_of_no_pandas_is_ignored(tmp_path: Path) -> None:
    range_ = b'{"index_columns": [{"kind": "range"}]}'
    for text in (b"{", b"[]", b"[" * 100_000, b'{"index_columns": 3}', range_):
        table = pa.table({"x": [1, 2], "y": ["a", "b"]}).replace_schema_metadata({b"pandas": text})
        parquet.write_table(table, tmp_path / "t.parquet")
        data = Parquet(path="t.parquet", target="y").load(0, tmp_path)
        assert [each.name for each in data.columns] == ["x"]


@pytest.mark.parametrize(("between", "shown"), [(";", "';'"), ("\t", "tab"), ("|", "'|'")])
def test_another_delimiter_is_told(tmp_path: Path, between: str, shown: str) -> None:
    text = "a,b,y\n1,2,c\n".replace(",", between)
    with pytest.raises(DataError, match=r"t\.csv:1: .* 'y'; it has one, .*; set data\.source\.del"):
        load(tmp_path, text)


def test_another_delimiter_is_told_where_a_row_has_its_commas(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"t\.csv:2: 2 fields, the header has 1; set .* to ';'"):
        load(tmp_path, "a;y\n1,5;2\n")


def test_what_is_strange_is_said_where_categories_are_left(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(rows(["1", "2", "O.5", "4"]).replace(";", ","))
    section = DataSection(source=Csv(path="t.csv", target="y"), split=Split(validation=0))
    says = "categorical columns must be encoded: x; add one_hot .*; .*: 3 of 4 values are numbers"
    with pytest.raises(DataError, match=says):
        prepare(section, 0, tmp_path)


def test_long_fields_are_read(tmp_path: Path) -> None:
    long = "a" * 300_000
    data = load(tmp_path, f"x,y\n{long},a\nb,b\n")
    assert data.columns[0].categories == (long, "b")
    data = load(tmp_path, f"x,y\n{'0' * 300_000}1,a\n2,b\n")
    assert data.inputs[:, 0].tolist() == [1, 2]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_one_category_however_its_accents_are_written(tmp_path: Path, kind: str) -> None:
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    frame = pd.DataFrame({"x": [composed, decomposed, "tea"], "y": ["a", "b", "a"]})
    source: Csv | Parquet
    if kind == "csv":
        frame.to_csv(tmp_path / "t.csv", index=False)
        source = Csv(path="t.csv", target="y")
    else:
        frame.to_parquet(tmp_path / "t.parquet")
        source = Parquet(path="t.parquet", target="y")
    data = source.load(0, tmp_path)
    assert data.columns is not None
    assert data.columns[0].categories == (composed, "tea")
    assert np.asarray(data.inputs)[:, 0].tolist() == [0, 0, 1]
    known = replace(data, columns=(replace(data.columns[0], categories=(decomposed, "tea")),))
    further = source.load_file(source.path, tmp_path, known)
    assert np.asarray(further.inputs)[:, 0].tolist() == [0, 0, 1]


@pytest.mark.slow
@pytest.mark.timeout(240)  # what is quadratic in the columns takes many times as long
def test_very_many_columns(tmp_path: Path) -> None:
    count = 200_000
    names = [f"c{number}" for number in range(count)]
    row = ",".join(map(str, range(count)))
    text = f"{','.join(names)},y\n" + "".join(f"{row},{label}\n" for label in "abab")
    data = load(tmp_path, text, columns={names[-1]: "ignore"})
    assert data.columns is not None
    assert [column.name for column in data.columns] == names[:-1]
    like = Csv(path="t.csv", target="y", columns={names[-1]: "ignore"})
    found = np.asarray(like.load_file("t.csv", tmp_path, data).inputs)
    np.testing.assert_array_equal(found, np.tile(np.arange(count - 1.0), (4, 1)))
