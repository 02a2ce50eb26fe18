import math
import sys
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet as pq

from dlrun.data.prepared import prepare
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.parquet import Parquet
from dlrun.data.split.section import Split
from dlrun.errors import DataError


def load(folder, columns, target="y", /, **options):
    pq.write_table(pa.table(columns), folder / "t.parquet")
    return Parquet(path="t.parquet", target=target, **options).load(0, folder)


def refusal(folder, columns, target="y", /, **options):
    with pytest.raises(DataError) as raised:
        load(folder, columns, target, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_types_say_what_columns_are(tmp_path):
    columns = {
        "city": pa.array(["Paris", None, "Rome", "Paris"]),
        "kind": pa.array(["a", "b", "a", None]).dictionary_encode(),
        "rooms": pa.array([1, 2, None, 4], pa.int16()),
        "area": pa.array([1.5, math.nan, None, 4.0]),
        "price": pa.array([Decimal("1.25"), None, Decimal("2.50"), Decimal("3.75")]),
        "new": pa.array([True, False, None, True]),
        "code": pa.array(["1", "2", "1", "2"]),
        "y": pa.array(["no", "yes", "no", "yes"]),
    }
    data = load(tmp_path, columns)
    assert [(c.name, c.categories) for c in data.columns] == [
        ("city", ("Paris", "Rome")),
        ("kind", ("a", "b")),
        ("rooms", None),
        ("area", None),
        ("price", None),
        ("new", None),
        ("code", ("1", "2")),
    ]
    nan = math.nan
    expected = [
        [0, 0, 1, 1.5, 1.25, 1, 0],
        [nan, 1, 2, nan, nan, 0, 1],
        [1, 0, nan, nan, 2.5, nan, 0],
        [0, nan, 4, 4, 3.75, 1, 1],
    ]
    np.testing.assert_array_equal(data.inputs, np.array(expected, np.float32))
    assert (data.task, data.classes, data.targets.tolist()) == (
        "classification",
        ("no", "yes"),
        [0, 1, 0, 1],
    )


@pytest.mark.parametrize(
    ("target", "task", "classes"),
    [
        ([1, 2, 1], "classification", ("1", "2")),
        ([2.0, 1.0, 2.0], "classification", ("1", "2")),
        ([True, False, True], "classification", ("False", "True")),
        ([0.5, 1.5, 2.5], "regression", None),
    ],
)
def test_the_target_says_the_task(tmp_path, target, task, classes):
    data = load(tmp_path, {"x": [1, 2, 3], "y": target})
    assert (data.task, data.classes) == (task, classes)
    if classes is None:
        assert data.targets.tolist() == [[0.5], [1.5], [2.5]]


def test_declared_columns_win(tmp_path):
    columns = {"x": [1, 2, 1], "z": [1, 2, 3], "day": [date(2026, 1, 1)] * 3, "y": [0, 1, 0]}
    said = {"x": "categorical", "z": "ignore", "day": "ignore"}
    data = load(tmp_path, columns, columns=said)
    assert [(c.name, c.categories) for c in data.columns] == [("x", ("1", "2"))]


@given(
    rows=st.lists(
        st.tuples(
            st.floats(-1e6, 1e6, width=32) | st.none(),
            st.sampled_from(["red", "green", "blue"]) | st.none(),
            st.sampled_from([0, 1]),
        ),
        min_size=2,
        max_size=20,
    ).filter(lambda rows: len({row[2] for row in rows}) > 1)
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_it_is_read_as_the_same_table_of_text(tmp_path, rows):
    numbers, colours, targets = zip(*rows, strict=True)
    columns = {"n": pa.array(numbers, pa.float64()), "c": pa.array(colours, pa.string())}
    found = load(tmp_path, {**columns, "y": targets})
    lines = ["n\tc\ty"]
    lines += ["\t".join("" if x is None else str(x) for x in row) for row in rows]
    (tmp_path / "t.tsv").write_text("\n".join(lines))
    said = {"n": "numeric", "c": "categorical"}
    text = Csv(path="t.tsv", target="y", columns=said).load(0, tmp_path)
    np.testing.assert_array_equal(found.inputs, text.inputs)
    np.testing.assert_array_equal(found.targets, text.targets)
    assert (found.columns, found.classes) == (text.columns, text.classes)


def test_a_further_file_keeps_to_the_first(tmp_path):
    data = load(tmp_path, {"c": ["a", "b"], "y": [0, 1]})
    source = Parquet(path="t.parquet", target="y")

    def further(columns):
        pq.write_table(pa.table(columns), tmp_path / "f.parquet")
        return source.load_file("f.parquet", tmp_path, data)

    assert further({"c": ["b"], "y": [1]}).inputs.tolist() == [[1.0]]
    for columns, message in [
        (
            {"c": ["b", "z"], "y": [1, 1]},
            r"f\.parquet: row 1: column 'c': 'z' is not a category of",
        ),
        ({"c": ["b"], "y": [7]}, r"f\.parquet: row 0: column 'y': '7' is not a class of the train"),
        ({"d": ["b"], "y": [1]}, r"f\.parquet: the training data's column 'c' is missing here"),
        ({"c": ["b"], "d": [1], "y": [1]}, r"f\.parquet: the training data has no column 'd'"),
    ]:
        with pytest.raises(DataError, match=message):
            further(columns)


def test_times_and_groups_divide(tmp_path):
    when = [datetime(2026, 1, 1 + row % 28, row % 24) for row in range(40)]
    columns = {
        "when": pa.array(when, pa.timestamp("ns")),
        "who": [f"p{row % 8}" for row in range(40)],
        "x": list(range(40)),
        "y": [row % 2 for row in range(40)],
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    source = Parquet(path="t.parquet", target="y", columns={"who": "ignore"})
    ready = prepare(DataSection(source=source, split=Split(time="when")), 0, tmp_path)
    late = {when[int(row)] for row in ready.validation.inputs[:, 0]}
    assert max(when[int(row)] for row in ready.train.inputs[:, 0]) <= min(late)
    source = Parquet(path="t.parquet", target="y", columns={"when": "ignore"})
    ready = prepare(DataSection(source=source, split=Split(by="who")), 0, tmp_path)
    assert [column.name for column in ready.train.columns] == ["x"]
    held = [set(part.inputs[:, 0] % 8) for part in (ready.train, ready.validation)]
    assert sum(map(len, held)) == 8


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": [1], "z": [0]}, "t.parquet: the header has no column 'y'"),
        ({"y": [1, 0]}, "t.parquet: no input column is left"),
        ({"x": [1, 2], "y": [None, 1]}, "row 0: column 'y': the target is missing"),
        (
            {"x": [1.0, 1e300], "y": [0, 1]},
            "row 1: column 'x': 1e+300 is not a finite 32-bit float",
        ),
        ({"x": [math.inf, 1.0], "y": [0, 1]}, "row 0: column 'x': inf is not a finite"),
        ({"x": [[1], [2]], "y": [0, 1]}, "column 'x' holds list<"),
        ({"x": [b"1", b"2"], "y": [0, 1]}, "column 'x' holds binary; leave it out"),
        (
            {"x": [date(2026, 1, 1)] * 2, "y": [0, 1]},
            "column 'x' holds date32[day]; set data.source.columns.x to date",
        ),
        (
            {"x": [timedelta(seconds=1)] * 2, "y": [0, 1]},
            "column 'x' holds duration[us]; set data.source.columns.x to categorical or ignore",
        ),
        (
            {"x": [time(12, 30)] * 2, "y": [0, 1]},
            "column 'x' holds time64[us]; set data.source.columns.x to categorical or ignore",
        ),
        ({"x": pa.array([], pa.int8()), "y": pa.array([], pa.int8())}, "it has no rows"),
    ],
)
def test_faulty_tables(tmp_path, columns, message):
    assert message in refusal(tmp_path, columns)


def test_text_is_no_number(tmp_path):
    columns = {"x": ["a", "b"], "y": [0, 1]}
    said = refusal(tmp_path, columns, columns={"x": "numeric"})
    assert said == "t.parquet: column 'x' holds string, not numbers"


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all"])
def test_files_that_are_none(tmp_path, content):
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(
        DataError, match=r"^t\.parquet: not a Parquet file that can be read: "
    ) as raised:
        Parquet(path="t.parquet", target="y").load(0, tmp_path)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_missing_or_a_folder(tmp_path):
    for path, message in (("gone.parquet", "No such file"), (".", "Is a directory")):
        with pytest.raises(DataError, match=message):
            Parquet(path=path, target="y").load(0, tmp_path)


def test_text_that_is_no_unicode(tmp_path):
    text = pa.array([b"\xff\xfe", b"a"]).view(pa.string())
    assert "not a Parquet file that can be read" in refusal(tmp_path, {"x": text, "y": [0, 1]})


def test_a_file_that_is_cut_short_anywhere(tmp_path):
    load(tmp_path, {"x": list(range(50)), "y": [n % 2 for n in range(50)]})
    whole = (tmp_path / "t.parquet").read_bytes()
    for size in range(0, len(whole), 37):
        (tmp_path / "t.parquet").write_bytes(whole[:size])
        with pytest.raises(DataError, match="not a Parquet file that can be read"):
            Parquet(path="t.parquet", target="y").load(0, tmp_path)


def test_without_pyarrow_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"needs pyarrow; pip install 'dlrun\[parquet\]'"):
        Parquet(path="t.parquet", target="y").load(0, tmp_path)


def test_an_index_with_a_name_is_told(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": [0.5, 2.0, 1.0], "day": [3, 1, 2], "y": ["a", "b", "a"]})
    frame.set_index("day").to_parquet(tmp_path / "t.parquet")
    data = Parquet(path="t.parquet", target="y").load(0, tmp_path)
    assert [column.name for column in data.columns or ()] == ["x"]
    (note,) = data.notes
    assert note.startswith("t.parquet: column 'day' was the index of a pandas table")
    for kind in ("ignore", "numeric"):
        assert (
            not Parquet(path="t.parquet", target="y", columns={"day": kind}).load(0, tmp_path).notes
        )
    with pytest.raises(DataError, match=r"input column is left .*'day' was the index"):
        Parquet(path="t.parquet", target="y", columns={"x": "ignore"}).load(0, tmp_path)


def test_an_index_is_known_by_its_name_where_pandas_is_not_mentioned(tmp_path: Path) -> None:
    """Other programs that read a file of pandas and write it again leave its metadata out."""
    table = pa.table({"x": [0.5, 2.0], "y": ["a", "b"], "__index_level_0__": [0, 1]})
    pq.write_table(table, tmp_path / "t.parquet")
    data = Parquet(path="t.parquet", target="y").load(0, tmp_path)
    assert [column.name for column in data.columns or ()] == ["x"]


@pytest.mark.slow
@pytest.mark.timeout(240)  # what is quadratic in the columns takes many times as long
def test_very_many_columns(tmp_path: Path) -> None:
    count = 100_000
    table = pa.table({f"c{number}": [0.5, number] for number in range(count)} | {"y": ["a", "b"]})
    pq.write_table(table, tmp_path / "t.parquet")
    data = Parquet(path="t.parquet", target="y").load(0, tmp_path)
    np.testing.assert_array_equal(data.inputs, [np.full(count, 0.5), np.arange(count)])
