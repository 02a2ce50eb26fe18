"""Text files by line and as a whole."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.files.text_file import read_text, text_lines
from dlrun.errors import DataError


@given(st.lists(st.sampled_from(["a", "é", "\n", "\r", "\r\n", "\ufeff", "\u2028"]), min_size=1))
def test_lines_are_those_of_the_whole_text(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    path = tmp_path_factory.mktemp("text") / "x.txt"
    path.write_bytes("".join(parts).encode())
    with text_lines(path, "x.txt") as lines:
        assert [*lines] == [*io.StringIO(read_text(path, "x.txt"), newline="")]


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\nb\n\xff\nc\n", "x.csv:3: not UTF-8 text"),
        (b"a\nb\0\n", "x.csv:2: a zero byte"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, content: bytes, message: str, ending: str) -> None:
    path = tmp_path / f"x.csv{ending}"
    path.write_bytes(gzip.compress(content) if ending else content)
    for read in (read_text, lambda *args: _all(*args)):
        with pytest.raises(DataError, match=message):
            read(path, "x.csv")


def test_a_broken_gzip_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"a\n" * 90_000)[:-20])
    with pytest.raises(DataError, match=r"x\.csv: broken gzip file"):
        _all(path, "x.csv")


def test_a_line_longer_than_the_memory_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv.gz"
    path.write_bytes(gzip.compress(b"a" * 1_000_000))
    for module in ("text_file", "memory"):
        monkeypatch.setattr(f"dlrun.data.files.{module}.memory", lambda: 1_000_000)
    with pytest.raises(DataError, match="more than half of the"):
        _all(path, "x.csv")


def _all(path: Path, name: str) -> list[str]:
    with text_lines(path, name) as lines:
        return [*lines]
