from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dlrun.errors import DataError, InputError
from dlrun.run_directory.atomic import append, hurried, replace, sweep


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Let the kernel refuse to write any file past ``size`` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_replace_writes_bytes_and_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    replace(path, "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert names(tmp_path) == ["file"]


def test_replace_writes_parts_as_they_are_made_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    replace(path, (f"{number}é\n" for number in range(3)))
    assert path.read_text("utf-8") == "0é\n1é\n2é\n"

    def broken() -> Iterator[str]:
        yield "new"
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        replace(path, broken())
    assert path.read_text("utf-8") == "0é\n1é\n2é\n"
    assert [each.name for each in tmp_path.iterdir()] == ["x.txt"]


def test_replace_that_fails_halfway_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "file"
    replace(path, "old")
    with largest_file(4096), pytest.raises(DataError, match="file too large; raise the limit"):
        replace(path, b"x" * 10_000)
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "no space left on device; free some space"),
        (errno.EDQUOT, "free some of your quota"),
        (errno.EROFS, "read-only file system; use another folder"),
        (errno.EACCES, "permission denied; change its permissions"),
    ],
)
def test_replace_says_what_is_wrong_where_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str
) -> None:
    path = tmp_path / "result.json"
    replace(path, "old")

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(InputError) as caught:
        replace(path, "new")
    (line,) = caught.value.lines()
    assert line.startswith(f"{path}: cannot write it: ")
    assert advice in line
    assert path.read_text() == "old"
    assert names(tmp_path) == ["result.json"]


def test_replace_in_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file or directory"):
        replace(tmp_path / "gone" / "file", "x")


def test_replace_leaves_nothing_when_it_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replace(tmp_path / "file", "x")
    assert names(tmp_path) == []


def test_append_adds_to_the_end(tmp_path: Path) -> None:
    append(tmp_path / "log", "one\n")
    append(tmp_path / "log", b"two\n")
    assert (tmp_path / "log").read_text() == "one\ntwo\n"


def test_append_that_fails_halfway_leaves_the_old_length(tmp_path: Path) -> None:
    path = tmp_path / "log"
    append(path, "one\n")
    with largest_file(10), pytest.raises(DataError, match="cannot write it"):
        append(path, "a line that is too long\n")
    assert path.read_text() == "one\n"


def test_in_a_hurry_files_are_whole_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synchronised: list[int] = []
    monkeypatch.setattr(os, "fsync", synchronised.append)
    with hurried():
        replace(tmp_path / "file", "content")
    assert (tmp_path / "file").read_text() == "content"
    assert synchronised == []
    replace(tmp_path / "file", "more")
    assert len(synchronised) == 2  # the file and its folder
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_only_leftovers_of_our_own_are_swept(tmp_path: Path) -> None:
    names = (".mine.tmp", "a.12345678.tmp", ".a.12345678.tmp.txt", ".a.1234567x.tmp")
    for name in (*names, ".a.json.0123abcd.tmp"):
        (tmp_path / name).write_text("half")
    (tmp_path / ".folder.12345678.tmp").mkdir()
    sweep(tmp_path)
    assert {each.name for each in tmp_path.iterdir()} == {*names, ".folder.12345678.tmp"}
