"""Side columns: times in them, and where sources take them from."""

import numpy as np
import pytest

from dlrun.data.prepared import prepare
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.sources.images import Images
from dlrun.data.sources.npy import Npy
from dlrun.data.sources.npz import Npz
from dlrun.data.split.section import Split
from dlrun.errors import DataError
from tests.support.split_cases import parts, with_column


def test_nanoseconds_are_told_apart():
    first = 1_764_000_000_000_000_001  # float64 knows only each 256th number here
    given = [first + number // 2 for number in range(10)]
    rows = Split(time="when", validation=0.4).rows(with_column(given[::-1], name="when"), 0)
    assert rows.validation.tolist() == [0, 1, 2, 3]


def test_dates_are_compared_in_one_zone():
    given = ["2026-01-02", "2025-12-31T23:30", "2026-01-01T00:30+02:00", "2025-12-01"]
    rows = Split(time="when", validation=0.25, test=0.25).rows(with_column(given, name="when"), 0)
    assert [part.tolist() for part in parts(rows)] == [[2, 3], [1], [0]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            ["2026-01-01", "soon"],
            r"t\.csv:3: column 'when': 'soon' is not a time; write 2026-01-31",
        ),
        (["7", "2026-01-01"], r"t\.csv:3: column 'when': '2026-01-01' is not a number, unlike"),
        (["2026-01-01", ""], r"t\.csv:3: column 'when': the cell is empty"),
    ],
)
def test_what_is_no_time(given, message):
    with pytest.raises(DataError, match=message):
        Split(time="when").rows(with_column(given, name="when"), 0)


TABLE = "who,when,x,y\n" + "".join(
    f"p{row % 10},2026-01-{row % 28 + 1:02},{row % 7},{'ab'[row % 2]}\n" for row in range(40)
)


def test_a_column_that_divides_a_table_is_no_input(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    source = Csv(path="t.csv", target="y", columns={"when": "ignore"})
    ready = prepare(DataSection(source=source, split=Split(by="who", test=0.2)), 0, tmp_path)
    assert [column.name for column in ready.train.columns] == ["x"]
    assert len(ready.train) + len(ready.validation) + len(ready.test) == 40


def test_a_column_that_divides_may_be_an_input_too(tmp_path):
    (tmp_path / "t.csv").write_text(TABLE)
    columns = {"when": "ignore", "who": "ignore", "x": "numeric"}
    source = Csv(path="t.csv", target="y", columns=columns)
    ready = prepare(DataSection(source=source, split=Split(time="x")), 0, tmp_path)
    assert [column.name for column in ready.train.columns] == ["x"]
    assert ready.train.inputs.max() <= ready.validation.inputs.min()


def test_a_further_file_may_have_the_column_or_not(tmp_path):
    (tmp_path / "t.csv").write_text("who,x,y\n" + "".join(f"p{n},{n},{n % 2}\n" for n in range(9)))
    (tmp_path / "with.csv").write_text("who,x,y\np1,1,1\n")
    (tmp_path / "without.csv").write_text("x,y\n1,1\n")
    (tmp_path / "other.csv").write_text("whom,x,y\np1,1,1\n")
    source = Csv(path="t.csv", target="y")
    for file in ("with.csv", "without.csv"):
        section = DataSection(source=source, split=Split(by="who", test=file))
        assert prepare(section, 0, tmp_path).test.inputs.tolist() == [[1.0]]
    section = DataSection(source=source, split=Split(by="who", test="other.csv"))
    with pytest.raises(DataError, match="the training data has no column 'whom'"):
        prepare(section, 0, tmp_path)


def test_arrays_beside_inputs_and_targets_divide(tmp_path):
    x, y = np.arange(40.0)[:, None], np.arange(40) % 2
    who = np.array([f"p{row % 8}" for row in range(40)])
    when = np.arange(40).astype("datetime64[D]")
    np.savez(tmp_path / "d.npz", x=x, y=y, who=who, when=when, bad=np.zeros((40, 2)))
    for name, array in (("x", x), ("y", y), ("who", who)):
        np.save(tmp_path / f"{name}.npy", array)
    for source, column in ((Npz(path="d.npz"), "who"), (Npy(path="."), "who.npy")):
        ready = prepare(DataSection(source=source, split=Split(by=column, test=0.2)), 0, tmp_path)
        held = [set(part.inputs[:, 0] % 8) for part in (ready.train, ready.validation, ready.test)]
        assert sum(map(len, held)) == 8
    ready = prepare(DataSection(source=Npz(path="d.npz"), split=Split(time="when")), 0, tmp_path)
    assert ready.train.inputs.max() < ready.validation.inputs.min()
    for name, message in (("whom", "no array 'whom'; did you mean 'who'"), ("bad", "'bad', ")):
        with pytest.raises(DataError, match=message):
            prepare(DataSection(source=Npz(path="d.npz"), split=Split(by=name)), 0, tmp_path)


def test_the_table_of_images_divides(tmp_path):
    from PIL import Image

    for number in range(12):
        Image.new("L", (4, 4), number * 20).save(tmp_path / f"{number}.png")
    (tmp_path / "0.png").write_bytes(b"broken")
    lines = [f"{number}.png,{'ab'[number % 2]},p{number // 3}" for number in range(12)]
    (tmp_path / "labels.csv").write_text("file,label,who\n" + "\n".join(lines))
    source = Images(path=".", labels="labels.csv", mode="grayscale", on_error="skip")
    ready = prepare(DataSection(source=source, split=Split(by="who")), 0, tmp_path)
    held = [
        {round(float(image.mean()) * 255 / 20) // 3 for image in part.inputs}
        for part in (ready.train, ready.validation)
    ]
    assert sum(map(len, held)) == 4
    assert len(ready.train) + len(ready.validation) == 11
    folders = Images(path=".", mode="grayscale")
    with pytest.raises(DataError, match="source 'images' has no column 'who' to split by"):
        prepare(DataSection(source=folders, split=Split(by="who")), 0, tmp_path)
