from __future__ import annotations

from pathlib import Path

import pytest

from dlrun.errors import DataError
from dlrun.run_directory.confusion import Confusion, read_confusion, write_confusion


def test_it_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "confusion.csv"
    names = ("cat, tabby", 'the "dog"', "größte")
    write_confusion(path, names, [[3, 0, 1], [0, 5, 0], [2, 0, 9]])
    assert read_confusion(path) == Confusion(names, ((3, 0, 1), (0, 5, 0), (2, 0, 9)))


def test_only_square_tables_are_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="2 classes need 2 rows of 2 counts"):
        write_confusion(tmp_path / "confusion.csv", ("a", "b"), [[1, 2]])
    assert not (tmp_path / "confusion.csv").exists()


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "a,b\n1,2\n3\n", "a,b\n1,2\n3,x\n"])
def test_broken_files_are_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "confusion.csv"
    path.write_text(text)
    with pytest.raises(DataError, match="not a square table of counts") as caught:
        read_confusion(path)
    assert str(caught.value).startswith(str(path))
