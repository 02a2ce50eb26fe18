"""Splits that a column or files define."""

import pytest

from dlrun.data.split.section import Split
from dlrun.errors import DataError
from tests.support.split_cases import parts, with_column


def test_a_column_can_say_the_part():
    given = ["test", "train", "train", "validation", "train"]
    rows = Split(part="set").rows(with_column(given, name="set"), 0)
    assert [part.tolist() for part in parts(rows)] == [[1, 2, 4], [3], [0]]
    with pytest.raises(
        DataError, match=r"t\.csv:3: column 'set': 'dev' is not a set; write train, "
    ):
        Split(part="set").rows(with_column(["train", "dev"], name="set"), 0)
    with pytest.raises(
        DataError, match=r"t\.csv:3: column 'set': the cell is empty; write train, "
    ):
        Split(part="set").rows(with_column(["train", ""], name="set"), 0)
    with pytest.raises(DataError, match="column 'set' has no row with train"):
        Split(part="set").rows(with_column(["test", "test"], name="set"), 0)


def test_lists_say_the_parts(tmp_path):
    (tmp_path / "v.txt").write_text("3\n\n 0\n")
    (tmp_path / "t.txt").write_text("4")
    split = Split(lists={"validation": "v.txt", "test": "t.txt"})
    rows = split.rows(with_column(range(6)), 0, tmp_path)
    assert [part.tolist() for part in parts(rows)] == [[1, 2, 5], [0, 3], [4]]
    split = Split(lists={"train": "v.txt", "test": "t.txt"})
    rows = split.rows(with_column(range(6)), 0, tmp_path)
    assert [part.tolist() for part in parts(rows)] == [[0, 3], [], [4]]
    moved = split.anchored(tmp_path).rows(with_column(range(6)), 0)
    assert moved.test.tolist() == [4]


def test_a_list_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "v.txt").write_bytes("\ufeff2\r\n3\r\n".encode())
    rows = Split(lists={"validation": "v.txt"}).rows(with_column(range(6)), 0, tmp_path)
    assert rows.validation.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1\n6\n", r"v\.txt:2: '6' is not the index of a sample; use 0 to 5"),
        ("1\n-1\n", r"v\.txt:2: '-1' is not the index of a sample"),
        ("x\n", r"v\.txt:1: 'x' is not the index of a sample"),
        ("1\n2\n1\n", r"v\.txt:3: sample 1 is listed twice, first at v\.txt:1"),
        ("4\n", r"v\.txt:1: sample 4 is listed twice, first at t\.txt:1"),
        ("\n", r"v\.txt: the file lists no sample for the validation set"),
        ("0\n1\n2\n3\n5\n", "the lists leave no samples for training"),
        (None, r"v\.txt: No such file"),
        (b"\xff\n", r"v\.txt: not a text file"),
    ],
)
def test_faulty_lists(tmp_path, content, message):
    (tmp_path / "t.txt").write_text("4\n")
    if content is not None:
        (tmp_path / "v.txt").write_bytes(
            content if isinstance(content, bytes) else content.encode()
        )
    with pytest.raises(DataError, match=message):
        Split(lists={"test": "t.txt", "validation": "v.txt"}).rows(
            with_column(range(6)), 0, tmp_path
        )


def test_told_parts_need_no_fractions():
    assert Split(part="set").validation == 0
    assert Split(**Split(part="set").model_dump()) == Split(part="set")
