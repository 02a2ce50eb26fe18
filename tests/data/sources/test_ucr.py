import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.sources.ucr import Ucr
from dlrun.errors import DataError

TSV = "1\t0.5\t-1e-1\t2\n-1\t3\t4\t5\n1.0000e+00\t6\t7\t8\n"
TS = """# A comment, and
# another one.
@problemName Waves
@timeStamps false
@missing false
@univariate false
@dimensions 2
@equalLength true
@seriesLength 3
@classLabel true up down

@data
0,1,2:3,4,5:up
6,7,8:9,10,11:down
"""


def load(folder, text, file="x.tsv", **options):
    (folder / file).write_text(text)
    return Ucr(path=file, **options).load(0, folder)


def refusal(*arguments, **options):
    with pytest.raises(DataError) as raised:
        load(*arguments, **options)
    said = str(raised.value)
    assert "\n" not in said
    return said


@pytest.mark.parametrize("separator", ["\t", ",", "  ", " , "])
def test_a_line_is_a_series(tmp_path, separator):
    data = load(tmp_path, TSV.replace("\t", separator))
    assert data.inputs.shape == (3, 3, 1) and data.inputs.dtype == np.float64
    np.testing.assert_array_equal(data.inputs[0, :, 0], [0.5, -0.1, 2])
    assert data.classes == ("-1", "1") and data.targets.tolist() == [1, 0, 1]
    assert data.task == "classification" and data.columns is None


def test_a_header_tells_dimensions_and_classes(tmp_path):
    data = load(tmp_path, TS, "x.ts")
    assert data.inputs.shape == (2, 3, 2)
    np.testing.assert_array_equal(data.inputs[1], [[6, 9], [7, 10], [8, 11]])
    assert data.classes == ("down", "up") and data.targets.tolist() == [1, 0]
    none_left = TS.replace(":down", ":up")
    assert load(tmp_path, none_left, "x.ts").classes == ("down", "up")


def test_numbers_to_predict(tmp_path):
    text = TS.replace("@classLabel true up down", "@targetLabel true")
    data = load(tmp_path, text.replace(":up", ":1.5").replace(":down", ":-2"), "x.ts")
    assert data.task == "regression" and data.targets.tolist() == [[1.5], [-2.0]]
    data = load(tmp_path, TSV, task="regression")
    assert data.targets.tolist() == [[1.0], [-1.0], [1.0]] and data.classes is None


@pytest.mark.parametrize(("options", "steps"), [({}, 3), ({"length": 2}, 2), ({"length": 5}, 5)])
def test_series_of_several_lengths(tmp_path, options, steps):
    data = load(tmp_path, "1\t1\t2\t3\n2\t4\tNaN\tNaN\n", padding=-9.0, **options)
    long = np.array([[1, 2, 3, -9, -9], [4, -9, -9, -9, -9]])
    np.testing.assert_array_equal(data.inputs[:, :, 0], long[:, :steps])
    text = TS.replace("@equalLength true", "@equalLength false").replace("0,1,2:3,4,5", "0,1:3,4")
    assert load(tmp_path, text, "x.ts").inputs[0].tolist() == [[0, 3], [1, 4], [0, 0]]


def test_missing_values_may_be_bridged(tmp_path):
    text = "1\tNaN\t1\tNaN\tNaN\t4\n2\t0\t0\t0\t0\t0\n"
    assert refusal(tmp_path, text).startswith("x.tsv:1: values are missing")
    data = load(tmp_path, text, missing="interpolate")
    assert data.inputs[0, :, 0].tolist() == [1, 1, 2, 3, 4]
    data = load(tmp_path, TS.replace("0,1,2", "0,?,2"), "x.ts", missing="interpolate")
    assert data.inputs[0, :, 0].tolist() == [0, 1, 2]
    assert "values are missing" in refusal(
        tmp_path, TS.replace("0,1,2", "?,?,?"), "x.ts", missing="interpolate"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "x.tsv: the file is empty"),
        ("# nothing\n\n", "x.tsv: the file is empty"),
        ("1\t2\n2\tx3\n", "x.tsv:2: value 1: 'x3' is not a number"),
        ("1\t2\n\n2\t1e39\n", "x.tsv:3: value 1: '1e39' is not a finite 32-bit float"),
        ("1\t2\n2\tinf\n", "x.tsv:2: value 1: 'inf' is not a finite 32-bit float"),
        ("1\t2\nNaN\t3\n", "x.tsv:2: the label is missing"),
        ("1\t2\n2\tNaN\n", "x.tsv:2: a series without values"),
        ("1\t2\n2\n", "x.tsv:2: a series without values"),
        (TS.replace("@data", "@date"), "x.tsv:12: not a line of a .ts header: @date"),
        (TS[: TS.index("@data")], "x.tsv: no @data line; the file was cut short"),
        (TS[: TS.index("0,1")], "x.tsv: no series after @data"),
        (
            TS.replace("@timeStamps false", "@timeStamps true"),
            "x.tsv:4: time stamps are not supported",
        ),
        (TS.replace("@classLabel true up down", "@classLabel false"), "x.tsv: its header declares"),
        (TS.replace(":up", ""), "x.tsv:13: '3,4,5' is not listed in the header's"),
        (
            TS.replace(":down", ":left"),
            "x.tsv:14: 'left' is not listed in the header's @classLabel",
        ),
        (TS.replace("6,7,8:", ""), "x.tsv:14: 1 dimensions, but the first series has 2"),
        (TS.replace("6,7,8", "6,7"), "x.tsv:14: dimensions of one series have 2 to 3 steps"),
        (TS.replace("6,7,8:9,10,11:down", "down"), "x.tsv:14: no ':' before the label"),
    ],
)
def test_faults_have_their_line(tmp_path, text, says):
    assert refusal(tmp_path, text).startswith(says)


def test_missing_and_packed_files(tmp_path):
    with pytest.raises(DataError, match=r"no\.tsv: No such file"):
        Ucr(path="no.tsv").load(0, tmp_path)
    (tmp_path / "x.ts.gz").write_bytes(gzip.compress(TS.encode()))
    assert len(Ucr(path="x.ts.gz").load(0, tmp_path)) == 2


def test_a_further_file_keeps_to_the_training_data(tmp_path):
    source = Ucr(path="x.tsv")
    data = load(tmp_path, TSV)

    def more(text, source=source):
        (tmp_path / "more.tsv").write_text(text)
        return source.load_file("more.tsv", tmp_path, data)

    found = more("1\t7\t8\n")
    assert found.inputs[0, :, 0].tolist() == [7, 8, 0] and found.targets.tolist() == [1]
    assert found.classes == data.classes
    for text, says in (
        ("3\t1\n", "more.tsv:1: '3' is not a class of the training data"),
        ("1\t1\t2\t3\t4\n", "more.tsv:1: 4 steps, the training data has at most 3; set"),
        (TS, "more.tsv:13: 2 dimensions, the training data has 1"),
    ):
        with pytest.raises(DataError) as raised:
            more(text)
        assert str(raised.value).startswith(says)
    cut = more("1\t1\t2\t3\t4\n", Ucr(path="x.tsv", length=3))
    assert cut.inputs[0, :, 0].tolist() == [1, 2, 3]


def test_series_to_predict_need_no_label(tmp_path):
    data = load(tmp_path, TSV)
    (tmp_path / "new.tsv").write_text("?\t7\t8\t9\nnew\t1\t2\n")
    found = Ucr(path="x.tsv").load_inputs("new.tsv", tmp_path, data)
    assert found.inputs[:, :, 0].tolist() == [[7, 8, 9], [1, 2, 0]] and [*found.names] == ["0", "1"]
    data = load(tmp_path, TS, "x.ts")
    (tmp_path / "new.ts").write_text(TS.replace(":down", ":?").replace(":up", ":sideways"))
    found = Ucr(path="x.ts").load_inputs("new.ts", tmp_path, data)
    np.testing.assert_array_equal(found.inputs, data.inputs)


LINES = "1\t0.5\t-1.25\t2\n2\t3\t4.5\t5\n1\t6\t7\t8.5\n"  # of three steps
BARE = "\n".join(line[2:] for line in LINES.splitlines())


def predicted(folder, text, train=LINES, file="new.tsv", **options):
    like = load(folder, train, f"train.{file.split('.')[1]}", **options)
    (folder / file).write_text(text)
    return Ucr(path="x.tsv", **options).load_inputs(file, folder, like).inputs


@pytest.mark.parametrize("separator", ["\t", ",", " "])
@pytest.mark.parametrize("padding", ["", "\tNaN\tNaN"])
def test_series_without_labels_are_not_moved(tmp_path, separator, padding):
    expected = [[0.5, -1.25, 2], [3, 4.5, 5], [6, 7, 8.5]]
    for text in (LINES, BARE):
        text = "\n".join(line + padding for line in text.splitlines())
        found = predicted(tmp_path, text.replace("\t", separator))
        assert found[:, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.5\t1\t2\n", [[0.5, 1, 2]]),  # as long as those of the training: no label
        ("-1\t1\t2\n0.5\t1\t2\n", [[-1, 1, 2], [0.5, 1, 2]]),
        ("7\t1\t2\t3\n", [[1, 2, 3]]),  # longer: a label, though an unknown one
        ("up\t1\t2\n", [[1, 2, 0]]),
        ("?\t0.5\t2\n?\t1\t3\n", [[0.5, 2, 0], [1, 3, 0]]),
        ("1\t0.5\n2\t0.25\n1\t0.125\n", [[0.5, 0, 0], [0.25, 0, 0], [0.125, 0, 0]]),
        ("1\t0.5\t2\n", None),  # a class and two steps, or three steps
        ("1\t0.5\n", None),
        ("3\t0.5\t2\n", None),  # a whole number among fractions: an unknown class, perhaps
        ("0.5\t2\n", None),  # shorter: a label of whatever kind, or two steps
        ("0.5\t1\t2\n?\t1\t2\n", None),  # a missing label, or value
        ("1\t1\n2\t2\n1\t2\n", None),
    ],
)
def test_whether_a_line_begins_with_a_label(tmp_path, text, expected):
    if expected is None:
        with pytest.raises(DataError, match=r"new\.tsv:1: .* begin each line with \? if labels"):
            predicted(tmp_path, text)
    else:
        assert predicted(tmp_path, text)[:, :, 0].tolist() == expected


def test_of_series_that_are_cut_the_length_says_nothing(tmp_path):
    for text in ("1\t0.5\t-1.25\t2\n", "0.5\t-1.25\t2\t1\n"):
        with pytest.raises(DataError, match=r"new\.tsv:1: up to 4 values per line, .* series of 3"):
            predicted(tmp_path, text, length=3)
    found = predicted(tmp_path, LINES, length=2)
    assert found[:, :, 0].tolist() == [[0.5, -1.25], [3, 4.5], [6, 7]]


def test_numbers_to_predict_are_labels_where_series_would_be_too_long(tmp_path):
    found = predicted(tmp_path, LINES, task="regression")
    assert found[0, :, 0].tolist() == [0.5, -1.25, 2]
    with pytest.raises(DataError, match=r"new\.tsv:1: .* begin each line with \?"):
        predicted(tmp_path, BARE, task="regression")


@pytest.mark.parametrize("header", ["@classLabel true up down", "@classLabel false", ""])
@pytest.mark.parametrize("labels", [True, False])
def test_dimensions_say_whether_a_header_tells_the_truth(tmp_path, header, labels):
    text = TS.replace("@classLabel true up down", header)
    if not labels:
        text = text.replace(":up", "").replace(":down", "")
    if header and labels == ("false" in header):
        with pytest.raises(DataError, match=r"new\.ts:13: . fields between colons, but the train"):
            predicted(tmp_path, text, TS, "new.ts")
    else:
        found = predicted(tmp_path, text, TS, "new.ts")
        np.testing.assert_array_equal(found[0], [[0, 3], [1, 4], [2, 5]])


def test_files_without_labels_are_not_learned_from(tmp_path):
    assert refusal(tmp_path, BARE).startswith("x.tsv:1: the label 0.5 has a fraction, so it cannot")
    assert load(tmp_path, BARE, task="classification").classes == ("0.5", "3", "6")


def test_comments_of_either_kind_say_nothing(tmp_path):
    data = load(tmp_path, "% a comment\n" + TS, "x.ts")
    np.testing.assert_array_equal(data.inputs, load(tmp_path, TS, "y.ts").inputs)


values = st.floats(-(2.0**100), 2.0**100, width=32)


@given(st.lists(st.lists(values, min_size=1, max_size=6), min_size=1, max_size=5))
def test_numbers_come_back(tmp_path_factory, series):
    folder = tmp_path_factory.mktemp("ucr")
    text = "".join("1\t" + "\t".join(map(repr, each)) + "\n" for each in series)
    data = load(folder, text)
    for row, each in enumerate(series):
        np.testing.assert_array_equal(data.inputs[row, : len(each), 0], each)
        assert not data.inputs[row, len(each) :].any()
