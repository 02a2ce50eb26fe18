import csv
import gzip
import math
import unicodedata

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from dlrun.data.sources.csv import Csv
from dlrun.errors import DataError

HOUSES = """city,rooms,area,sold
Paris,3,70.5,yes
"New, York",2,,no
Paris,4,1e2,yes
,1,30,no
"""


def load(folder, text, target="y", **options):
    content = text if isinstance(text, bytes) else text.encode()
    (folder / "t.csv").write_bytes(content)
    return Csv(path="t.csv", target=target, **options).load(0, folder)


def refusal(folder, text, target="y", **options):
    with pytest.raises(DataError) as raised:
        load(folder, text, target, **options)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_columns_codes_and_missing_values(tmp_path):
    data = load(tmp_path, HOUSES, "sold")
    assert data.task == "classification"
    assert data.classes == ("no", "yes")
    assert data.targets.tolist() == [1, 0, 1, 0]
    assert [(c.name, c.categories) for c in data.columns] == [
        ("city", ("New, York", "Paris")),
        ("rooms", None),
        ("area", None),
    ]
    nan = math.nan
    expected = np.array([[1, 3, 70.5], [0, 2, nan], [1, 4, 100], [nan, 1, 30]])
    np.testing.assert_array_equal(data.inputs, expected)
    assert data.inputs.dtype == np.float64


def test_declared_columns_win(tmp_path):
    data = load(tmp_path, HOUSES, "sold", columns={"rooms": "categorical", "city": "ignore"})
    assert [(c.name, c.categories) for c in data.columns] == [
        ("rooms", ("1", "2", "3", "4")),
        ("area", None),
    ]


@pytest.mark.parametrize(
    ("content", "options"),
    [
        (b"\xef\xbb\xbfx,y\r\n1,a\r\n2,b\r\n", {}),
        (b"x\ty\n1\ta\n2\tb", {"delimiter": "tab"}),
        (b"x\ty\n1\ta\n2\tb", {"delimiter": "\t"}),
        (b" x ; y \n 1 ; a \n\n 2 ; b \n\n", {"delimiter": ";"}),
        (b"x,y\r1,a\r2,b\r", {}),
    ],
)
def test_the_same_table_in_other_clothes(tmp_path, content, options):
    data = load(tmp_path, content, **options)
    assert data.inputs.tolist() == [[1.0], [2.0]]
    assert data.classes == ("a", "b")
    assert data.columns[0].name == "x"


def test_gzip(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(HOUSES.encode()))
    data = Csv(path="t.csv.gz", target="sold").load(0, tmp_path)
    assert len(data) == 4


@pytest.mark.parametrize(
    ("targets", "task", "classes"),
    [
        (["b", "a", "b"], "classification", ("a", "b")),
        (["10", "9", "2"], "classification", ("2", "9", "10")),
        (["1", "01", "1.0", "2"], "classification", ("1", "2")),
        (["7", "x", "10"], "classification", ("7", "10", "x")),
        (["1", "2.5", "2"], "regression", None),
        ([str(number) for number in range(20)], "classification", tuple(map(str, range(20)))),
        ([str(number) for number in range(21)], "regression", None),
    ],
)
def test_the_task_is_inferred(tmp_path, targets, task, classes):
    data = load(tmp_path, "x,y\n" + "".join(f"1,{target}\n" for target in targets))
    assert data.task == task
    assert data.classes == classes
    if task == "regression":
        assert data.targets.dtype == np.float64
        assert data.targets[:, 0].tolist() == [float(target) for target in targets]


def test_the_task_is_declared(tmp_path):
    text = "x,y\n1,1\n2,0\n"
    assert load(tmp_path, text, task="regression").targets.tolist() == [[1.0], [0.0]]
    text = "x,y\n1,0.5\n2,-1.5\n"
    assert load(tmp_path, text, task="classification").classes == ("-1.5", "0.5")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "t.csv: the file is empty"),
        ("\n\n", "t.csv: the file is empty"),
        ("x,y\n", "t.csv: no rows"),
        ("x,y\n1,a\n2,b,c\n", "t.csv:3: 3 fields, the header has 2"),
        ("x,y\n1\n", "t.csv:2: 1 field, the header has 2"),
        ('x,y\n"1\n\n",a\n\n1\n', "t.csv:6: 1 field, the header has 2"),
        ("x,,y\n1,2,a\n", "t.csv:1: column 2 has no name"),
        ("x,x,y\n1,2,a\n", "t.csv:1: two columns are called 'x'"),
        ("x,yy\n1,a\n", "t.csv:1: the header has no column 'y'"),
        ("x,y\n1,a\n2,NA\n", "t.csv:3: column 'y': the target is missing"),
        ('x,y\n1,a\n"2,b\n', "t.csv:3: unexpected end of data; look for a quote"),
        (b"x,y\n1,a\n2,\xff\n", "t.csv:3: not UTF-8 text"),
        (b"\xff\xfex\0,\0y\0", "t.csv:1: not UTF-8 text"),
        ("x,y\n1,a\n2,\0\n", "t.csv:3: a zero byte"),
        ("x,y\n1,a\ninf,b\n", "t.csv:3: column 'x': 'inf' is not a finite 32-bit float"),
        ("x,y\n1,a\n1e39,b\n", "t.csv:3: column 'x': '1e39' is not a finite 32-bit float"),
        ("x,y\n1,a\n-NAN,b\n", "t.csv:3: column 'x': '-NAN' is not a finite 32-bit float"),
        ("y\na\n", "t.csv: no input column is left"),
        ("x,y\n" + "1" * 200_000 + ",a\n", "t.csv:2: column 'x': '111"),
    ],
)
def test_faults_name_file_and_line(tmp_path, text, message):
    assert refusal(tmp_path, text).startswith(message)


def test_a_misspelt_target_gets_a_suggestion(tmp_path):
    assert refusal(tmp_path, HOUSES, "solt").endswith("did you mean 'sold'?")


def test_faults_of_declared_columns(tmp_path):
    said = refusal(tmp_path, HOUSES, "sold", columns={"city": "numeric"})
    assert said.startswith("t.csv:2: column 'city': 'Paris' is not a number")
    said = refusal(tmp_path, HOUSES, "sold", columns={"ctiy": "numeric"})
    assert said == "t.csv:1: the header has no column 'ctiy'; did you mean 'city'?"
    said = refusal(tmp_path, HOUSES, "sold", columns={"sold": "categorical"})
    assert "'sold' is the target" in said
    assert "'yes' is not a number" in refusal(tmp_path, HOUSES, "sold", task="regression")


def test_underscores_and_foreign_digits_are_text(tmp_path):
    data = load(tmp_path, "x,z,y\n1_000,\u0661,a\n2,2,b\n")
    assert [column.categorical for column in data.columns] == [True, True]


def test_files_that_cannot_be_opened(tmp_path):
    for path in ("none.csv", "."):
        with pytest.raises(DataError, match=str(tmp_path)):
            Csv(path=path, target="y").load(0, tmp_path)


@pytest.mark.parametrize(
    "content", [b"", b"plain", b"\x1f\x8b\x08", gzip.compress(b"x,y\n", mtime=0)[:-3]]
)
def test_broken_gzip(tmp_path, content):
    (tmp_path / "t.csv.gz").write_bytes(content)
    with pytest.raises(DataError, match=r"t\.csv\.gz: (broken gzip file|the file is empty)"):
        Csv(path="t.csv.gz", target="y").load(0, tmp_path)


@pytest.mark.parametrize("file", ["t.tsv", "t.TSV", "t.tab"])
def test_the_name_of_a_file_tells_tabs(tmp_path, file):
    (tmp_path / file).write_text("x\ty\n1,5\ta\n2\tb\n")
    data = Csv(path=file, target="y").load(0, tmp_path)
    assert data.columns[0].categories == ("1,5", "2")
    (tmp_path / file).write_text("x,y\n1,a\n2,b\n")
    assert Csv(path=file, target="y", delimiter=",").load(0, tmp_path).inputs.tolist() == [[1], [2]]


@pytest.mark.parametrize("delimiter", ["", ",,", '"', "\n"])
def test_impossible_delimiters(delimiter):
    with pytest.raises(ValidationError, match="one character other than a quote"):
        Csv(path="t.csv", target="y", delimiter=delimiter)


@pytest.fixture
def houses(tmp_path):
    source = Csv(path="t.csv", target="sold")
    return source, load(tmp_path, HOUSES, "sold")


def further(houses, folder, text):
    (folder / "more.csv").write_text(text)
    source, train = houses
    return source.load_file("more.csv", folder, like=train)


def test_a_further_file_has_the_codes_of_the_training_data(houses, tmp_path):
    data = further(houses, tmp_path, "sold,area,rooms,city\nyes,50,2,Paris\n")
    assert data.columns == houses[1].columns
    assert data.classes == houses[1].classes
    assert data.targets.tolist() == [1]
    assert data.inputs.tolist() == [[1, 2, 50]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sold,area,city\nyes,50,Paris\n", "more.csv:1: .* column 'rooms' is missing here"),
        ("sold,area,rooms,city,z\nyes,50,2,Paris,1\n", "more.csv:1: .* has no column 'z'"),
        (
            "sold,area,rooms,city\nyes,5,2,Paris\nyes,5,2,Rome\n",
            "more.csv:3: .*'Rome' is not a cat",
        ),
        ("sold,area,rooms,city\nyes,5,two,Paris\n", "more.csv:2: .*'two' is not a number"),
        ("sold,area,rooms,city\n\nmaybe,5,2,Paris\n", "more.csv:3: .*'maybe' is not a class"),
        ("sold,area,rooms,city\n,5,2,Paris\n", "more.csv:2: .*target is missing"),
    ],
)
def test_a_further_file_must_keep_to_the_training_data(houses, tmp_path, text, message):
    with pytest.raises(DataError, match=message):
        further(houses, tmp_path, text)


def test_a_further_file_of_a_regression(tmp_path):
    train = load(tmp_path, "x,y\n1,0.5\n2,1.5\n")
    (tmp_path / "more.csv").write_text("x,y\n1,2\n1,3\n")
    data = Csv(path="t.csv", target="y").load_file("more.csv", tmp_path, like=train)
    assert data.targets.tolist() == [[2.0], [3.0]]


word = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
number = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(number, word, st.sampled_from("abc")), min_size=1, max_size=20),
    delimiter=st.sampled_from(",;\t"),
)
def test_what_is_written_is_read(tmp_path, rows, delimiter):
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["number", "word", "y"])
        writer.writerows([[repr(value), text, label] for value, text, label in rows])
    source = Csv(
        path="t.csv",
        target="y",
        delimiter=delimiter,
        usual_missing=False,
        columns={"word": "categorical"},
    )
    data = source.load(0, tmp_path)
    np.testing.assert_array_equal(data.inputs[:, 0], np.array([r[0] for r in rows]))
    categories = data.columns[1].categories
    assert list(categories) == sorted(set(categories))
    for code, (_, text, _) in zip(data.inputs[:, 1], rows, strict=True):
        composed = unicodedata.normalize("NFC", text.strip())
        assert composed == ("" if math.isnan(code) else categories[int(code)])
    assert [data.classes[code] for code in data.targets] == [label for *_, label in rows]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), st.text("xy,\"\n\r0.1 'é\0", max_size=60)))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    content = content if isinstance(content, bytes) else b"x,y\n" + content.encode()
    (tmp_path / "t.csv").write_bytes(content)
    try:
        data = Csv(path="t.csv", target="y").load(0, tmp_path)
    except DataError as error:
        assert str(error).startswith("t.csv")
    else:
        assert len(data) == len(data.targets) > 0


@pytest.mark.parametrize(
    ("cells", "options", "says"),
    [
        (("1,5", "2,25"), {}, "'1,5' is not a number; all values are numbers with decimal: ','"),
        (("1.5", "22.5"), {"decimal": ","}, "all values are numbers with decimal: '.' in data"),
        (("1.5", "x"), {}, "'x' is not a number; correct it or list it under data.source.missing"),
    ],
)
def test_a_number_that_is_written_otherwise(tmp_path, cells, options, says):
    text = "".join(f'"{cell}"|b\n' for cell in ("x", *cells)).replace("|b", "|y", 1)
    said = refusal(tmp_path, text, columns={"x": "numeric"}, delimiter="|", **options)
    assert says in said


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (
            ("1.5%", "22 %", "7%"),
            "all values are numbers with the sign '%'; remove it from the file",
        ),
        (("€1", "€2"), "all values are numbers with the sign '€'; remove it from the file"),
        (("1%", "€2"), ""),
        (("a%", "b%"), ""),
        (("%", "1%"), ""),
        (("k1", "k2"), ""),
        (("1", "2", "O.5"), "2 of 3 values are numbers, but line 4 has 'O.5'; correct it or list"),
    ],
)
def test_suspicions_say_what_to_do(tmp_path, cells, says):
    data = load(
        tmp_path, "x,z,y\n" + "".join(f"{cell},{n % 2},b\n" for n, cell in enumerate(cells))
    )
    assert len(data.notes) == bool(says)
    assert all(says in note and ", or set data.source.columns.x to" in note for note in data.notes)


def test_a_new_category_and_a_new_class_name_what_to_do(tmp_path):
    like = load(tmp_path, "city,y\nRome,a\nParis,b\n")
    source = Csv(path="t.csv", target="y")
    for row, says in (
        ("Bonn,a", "'Bonn' is not a category of the training data; .* one_hot: {unknown: ignore}"),
        ("Rome,c", "'c' is not a class of the training data; known: a, b"),
    ):
        (tmp_path / "new.csv").write_text(f"city,y\n{row}\n")
        with pytest.raises(DataError, match=f"new.csv:2: column '.*': {says}$"):
            source.load_file("new.csv", tmp_path, like)


def test_a_wrong_target_is_not_said_to_be_missing(tmp_path):
    (tmp_path / "t.csv").write_text("a,y\n1,2\n2,x\n")
    source = Csv(path="t.csv", target="y", task="regression")
    with pytest.raises(DataError, match="'x' is not a number; correct it or remove its row"):
        source.load(0, tmp_path)
