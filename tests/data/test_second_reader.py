"""Every reader beside another one: pandas, pyarrow, NumPy, and small ones written here."""

from __future__ import annotations

import csv
import gzip
import io
import math
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from dlrun.data.numerals import Numerals
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.idx import Idx
from dlrun.data.sources.npy import Npy
from dlrun.data.sources.npz import Npz
from dlrun.data.sources.parquet import Parquet
from dlrun.data.sources.ucr import Ucr
from dlrun.data.tables.delimited import Format, read_delimited
from dlrun.errors import DataError


@pytest.fixture(params=[20, pytest.param(600, marks=pytest.mark.slow)], ids=["some", "many"])
def examples(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def run(examples: int, check: Callable[..., None], **strategies: st.SearchStrategy[Any]) -> None:
    """Call ``check`` with values of strategies, so many times."""
    limits = settings(
        max_examples=examples, suppress_health_check=list(HealthCheck), derandomize=examples < 100
    )
    limits(given(**strategies)(check))()


# What a cell may hold: all that csv can quote.  "\0" is refused, and tested where faults are.
letters = st.characters(exclude_characters="\0\r", exclude_categories=["Cs"])
words = st.text(letters, max_size=6) | st.sampled_from(["a,b", 'say "x"', "two\nlines", "\ufeff"])
plain_numbers = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats(-1e37, 1e37).map(repr),
    st.sampled_from(["0.1", "-0", "1e-46", "1E5", "+3", ".5", "5.", "007", "1e0005", "4e-320"]),
)
missing = st.sampled_from(["", "NA", "N/A", "n/a", "NULL", "None", "nan", "NaN", "<NA>", "#N/A"])
names = st.lists(
    st.text(letters, min_size=1, max_size=5).map(str.strip).filter(bool),
    min_size=2,
    max_size=4,
    unique=True,
)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A header, and rows of columns of numbers or of words."""
    header = draw(names)
    kinds = [draw(st.sampled_from([plain_numbers, words])) for _ in header]
    count = draw(st.integers(1, 6))
    rows = [[draw(kind | missing) for kind in kinds] for _ in range(count)]
    return header, rows


@st.composite
def writings(draw: st.DrawFn) -> dict[str, Any]:
    """How a file is written."""
    return {
        "delimiter": draw(st.sampled_from(",;\t|")),
        "lineterminator": draw(st.sampled_from(["\n", "\r\n"])),
        "quoting": draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    }


def written(
    header: list[str], rows: list[list[str]], how: dict[str, Any], mark: str, blanks: set[int]
) -> bytes:
    """A file of text, with blank lines after some of its rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, **how)
    for number, row in enumerate([header, *rows]):
        writer.writerow(row)
        if number in blanks:
            text.write(how["lineterminator"])
    return (mark + text.getvalue()).encode()


def test_tables_have_the_cells_that_pandas_reads(tmp_path: Path, examples: int) -> None:
    def check(table: Any, how: Any, mark: str, blanks: set[int], packed: bool) -> None:
        header, rows = table
        content = written(header, rows, how, mark, blanks)
        file = tmp_path / ("t.csv.gz" if packed else "t.csv")
        file.write_bytes(gzip.compress(content) if packed else content)
        frame = pd.read_csv(
            file, sep=how["delimiter"], dtype=str, keep_default_na=False, encoding="utf-8-sig"
        )
        found = read_delimited(file, file.name, Format(how["delimiter"]))
        assert found.header == tuple(header)
        for name, (_, cells) in zip(header, frame.items(), strict=True):
            own = found.column(name, frozenset()).cells
            assert list(own) == [cell.strip() for cell in cells]

    run(
        examples,
        check,
        table=tables(),
        how=writings(),
        mark=st.sampled_from(["", "\ufeff"]),
        blanks=st.sets(st.integers(0, 6)),
        packed=st.booleans(),
    )


def test_columns_of_numbers_are_those_of_pandas(tmp_path: Path, examples: int) -> None:
    def check(cells: list[str], others: list[str]) -> None:
        rows = [list(row) for row in zip(cells, others, "ababa", strict=True)]
        content = written(["x", "z", "y"], rows, {}, "", set())
        (tmp_path / "t.csv").write_bytes(content)
        # As text: pandas says what is missing, and Python rounds.
        frame = pd.read_csv(tmp_path / "t.csv", dtype=str)
        source = Csv(path="t.csv", target="y")
        try:
            data = source.load(0, tmp_path)
        except DataError as fault:
            assert "not a finite 32-bit float" in str(fault)
            big = frame["x"].astype(float).abs() > np.finfo(np.float32).max
            assert big.any()
            return
        assert [each.categorical for each in data.columns] == [False, False]
        for number, name in enumerate("xz"):
            np.testing.assert_array_equal(data.inputs[:, number], frame[name].astype(float))

    count = 5
    cells = st.lists(plain_numbers | missing, min_size=count, max_size=count)
    run(examples, check, cells=cells, others=cells)


def test_other_numerals_are_those_of_pandas(tmp_path: Path, examples: int) -> None:
    marks = [(",", None), (",", "."), (".", ","), (".", "'"), (",", " "), (".", "\u00a0")]

    def check(values: list[float], digits: int, marks: tuple[str, str | None]) -> None:
        decimal, thousands = marks
        form = f",.{digits}f" if thousands else f".{digits}f"
        swap = {",": thousands or "", ".": decimal}
        cells = ["".join(swap.get(each, each) for each in format(v, form)) for v in values]
        text = "x;y\n" + "".join(f"{cell};{'ab'[n % 2]}\n" for n, cell in enumerate(cells))
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        source = Csv(path="t.csv", target="y", delimiter=";", decimal=decimal, thousands=thousands)
        frame = pd.read_csv(
            tmp_path / "t.csv",
            sep=";",
            decimal=decimal,
            thousands=thousands,
            engine="python",  # pandas' other one takes 1.234 with thousands "." for a float
        )
        found = np.asarray(source.load(0, tmp_path).inputs)[:, 0]
        np.testing.assert_array_equal(found, [float(format(v, f".{digits}f")) for v in values])
        if thousands is None or decimal == ".":
            np.testing.assert_allclose(found, frame["x"].astype(float), rtol=1e-14)

    run(
        examples,
        check,
        values=st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=6),
        digits=st.integers(0, 4),
        marks=st.sampled_from(marks),
    )


def test_a_number_in_any_numerals_is_the_plain_one(examples: int) -> None:
    def check(text: str, decimal: str, thousands: str | None) -> None:
        """What is read at all is what Python reads once the marks are gone."""
        if decimal == thousands:
            return
        value = Numerals(decimal, thousands).parse(text)
        if value is not None and math.isfinite(value):
            plain = text.replace(thousands, "") if thousands else text
            assert value == float(plain.replace(decimal, "."))

    run(
        examples * 5,
        check,
        text=st.text("0123456789.,'-+e ", max_size=9),
        decimal=st.sampled_from(".,"),
        thousands=st.sampled_from([None, ",", ".", "'", " "]),
    )


arrow_types = {
    pa.int8(): st.integers(-128, 127),
    pa.uint16(): st.integers(0, 2**16 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.float32(): st.floats(width=32, allow_nan=True, allow_infinity=False),
    pa.float64(): st.floats(-1e38, 1e38) | st.just(math.nan),
    pa.bool_(): st.booleans(),
}


def test_parquet_columns_are_those_of_pandas(tmp_path: Path, examples: int) -> None:
    kinds = st.sampled_from(list(arrow_types))

    def check(data: st.DataObject, first: pa.DataType, second: pa.DataType, groups: int) -> None:
        columns = {}
        for name, kind in (("x", first), ("z", second)):
            cells = st.none() | arrow_types[kind]
            columns[name] = pa.array(data.draw(st.lists(cells, min_size=5, max_size=5)), kind)
        columns["y"] = pa.array(["a", "b", "a", "b", "a"])
        parquet.write_table(pa.table(columns), tmp_path / "t.parquet", row_group_size=groups)
        frame = pd.read_parquet(tmp_path / "t.parquet")
        found = Parquet(path="t.parquet", target="y").load(0, tmp_path)
        for number, name in enumerate("xz"):
            wanted = pd.to_numeric(frame[name].astype(object)).astype(float)
            exact = [math.nan if v is None else float(v) for v in columns[name].to_pylist()]
            np.testing.assert_array_equal(found.inputs[:, number], exact)
            np.testing.assert_allclose(found.inputs[:, number], wanted, rtol=1e-15)

    run(examples, check, data=st.data(), first=kinds, second=kinds, groups=st.integers(1, 5))


dtypes = st.sampled_from(["?", "i1", "u1", ">i2", "u2", "i4", ">u4", "i8", "u8", "f2", "f4", ">f8"])


@st.composite
def arrays(draw: st.DrawFn, types: st.SearchStrategy[str] = dtypes) -> np.ndarray:
    """Finite numbers of a type, in a shape of up to three axes, in either order."""
    dtype = np.dtype(draw(types))
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        cells = st.integers(int(limits.min), int(limits.max))
    else:
        cells = st.booleans() if dtype.kind == "b" else st.floats(-6e4, 6e4)
    count = math.prod(shape)
    flat = draw(st.lists(cells, min_size=count, max_size=count))
    array = np.array(flat, dtype.newbyteorder("=")).astype(dtype).reshape(shape)
    return np.asarray(array, order=draw(st.sampled_from("CF")))


def as_inputs(array: np.ndarray) -> np.ndarray:
    """What inputs become, without any of the reader's code."""
    plain = array.astype(np.float64)
    if array.ndim == 1:
        plain = plain[:, None]
    if array.dtype == np.uint8 and array.ndim == 3:
        return (array.astype(np.float32) / np.float32(255))[..., None].astype(np.float64)
    return plain


@pytest.mark.parametrize("form", ["npz", "packed npz", "npy"])
def test_arrays_are_those_of_numpy(tmp_path: Path, examples: int, form: str) -> None:
    def check(x: np.ndarray, y: np.ndarray) -> None:
        y = np.resize(y, len(x))
        source: Any = Npz(path="t.npz")
        if form == "npy":
            source = Npy(path=".")
            np.save(tmp_path / "x.npy", x)
            np.save(tmp_path / "y.npy", y)
        else:
            save = np.savez if form == "npz" else np.savez_compressed
            save(tmp_path / "t.npz", x=x, y=y)
        data = source.load(0, tmp_path)
        np.testing.assert_array_equal(data.inputs, as_inputs(x))
        if y.dtype.kind == "f":
            np.testing.assert_array_equal(data.targets[:, 0], y.astype(np.float64))
            return
        names, codes = np.unique(y, return_inverse=True)
        assert data.classes == tuple(map(str, names.tolist()))
        np.testing.assert_array_equal(data.targets, codes)

    run(examples, check, x=arrays(), y=arrays().map(np.ravel))


def test_idx_files_are_read_byte_by_byte(tmp_path: Path, examples: int) -> None:
    codes = {"u1": 8, "i1": 9, ">i2": 11, ">i4": 12, ">f4": 13, ">f8": 14}

    def check(x: np.ndarray, packed: bool) -> None:
        code = next(c for kind, c in codes.items() if np.dtype(kind) == x.dtype)
        head = bytes([0, 0, code, x.ndim]) + b"".join(struct.pack(">I", n) for n in x.shape)
        labels = (
            bytes([0, 0, 8, 1]) + struct.pack(">I", len(x)) + bytes(n % 2 for n in range(len(x)))
        )
        for name, content in (
            ("images-idx3-ubyte", head + x.tobytes()),
            ("labels-idx1-ubyte", labels),
        ):
            (tmp_path / f"t-{name}.gz").unlink(missing_ok=True)
            (tmp_path / f"t-{name}").unlink(missing_ok=True)
            end = ".gz" if packed else ""
            (tmp_path / f"t-{name}{end}").write_bytes(gzip.compress(content) if packed else content)
        data = Idx(path="t").load(0, tmp_path)
        wanted = as_inputs(x)
        np.testing.assert_array_equal(data.inputs, wanted)
        assert data.targets.tolist() == [n % 2 for n in range(len(x))]

    run(examples, check, x=arrays(st.sampled_from(list(codes))), packed=st.booleans())


values = st.floats(-1e30, 1e30, allow_subnormal=False)


def test_series_are_read_line_by_line(tmp_path: Path, examples: int) -> None:
    def check(series: list[list[float]], between: str, newline: str, padded: bool) -> None:
        longest = max(map(len, series))
        lines = []
        for number, each in enumerate(series):
            fill = ["NaN"] * (longest - len(each)) if padded else []
            lines.append(between.join([str(number % 2), *map(repr, each), *fill]))
        (tmp_path / "t.tsv").write_text(newline.join(lines) + newline, newline="")
        data = Ucr(path="t.tsv").load(0, tmp_path)
        frame = pd.read_csv(
            tmp_path / "t.tsv",
            sep=between,
            header=None,
            names=range(longest + 1),
            dtype=str,
        )
        wanted = frame.iloc[:, 1:].fillna("0").map(float).to_numpy()
        np.testing.assert_array_equal(data.inputs[:, :, 0], wanted)
        assert data.targets.tolist() == frame[0].map(int).tolist()

    run(
        examples,
        check,
        series=st.lists(st.lists(values, min_size=1, max_size=5), min_size=1, max_size=5),
        between=st.sampled_from(["\t", ","]),
        newline=st.sampled_from(["\n", "\r\n"]),
        padded=st.booleans(),
    )


def test_series_with_a_header_are_split_at_colons(tmp_path: Path, examples: int) -> None:
    def check(series: list[list[list[float]]], gap: str) -> None:
        steps = min(len(dimension) for each in series for dimension in each)
        series = [[dimension[:steps] for dimension in each] for each in series]
        head = f"%a\n#b\n@problemName t\n@timeStamps false\n@classLabel true 0 1\n{gap}@data\n"
        body = "".join(
            ":".join([",".join(map(repr, dimension)) for dimension in each] + [str(n % 2)]) + "\n"
            for n, each in enumerate(series)
        )
        (tmp_path / "t.ts").write_text(head + body)
        data = Ucr(path="t.ts").load(0, tmp_path)
        np.testing.assert_array_equal(data.inputs, np.array(series).transpose(0, 2, 1))
        assert data.classes == ("0", "1")
        assert data.targets.tolist() == [n % 2 for n in range(len(series))]

    dimension = st.lists(values, min_size=1, max_size=4)
    run(
        examples,
        check,
        series=st.lists(st.tuples(dimension, dimension).map(list), min_size=1, max_size=4),
        gap=st.sampled_from(["", "\n", "  \n"]),
    )
