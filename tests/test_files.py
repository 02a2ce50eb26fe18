"""Files that somebody else may have prepared are opened only if they are regular files."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from dlrun.errors import DataError
from dlrun.files import open_regular, read_bytes


def test_a_regular_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    assert read_bytes(tmp_path / "file") == b"content"


def test_a_pipe_does_not_make_the_reader_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(DataError, match="pipe: is not a regular file but a pipe"):
        open_regular(tmp_path / "pipe")


def test_a_device_is_not_read() -> None:
    with pytest.raises(DataError, match="/dev/zero: is not a regular file but a device"):
        open_regular(Path("/dev/zero"))


def test_a_link_to_a_device_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "file").symlink_to("/dev/zero")
    with pytest.raises(DataError, match="but a device"):
        open_regular(tmp_path / "file")


def test_a_folder_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="but a folder"):
        open_regular(tmp_path)


def test_a_socket_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # the names of sockets have to be short
        listener.bind("socket")
        with pytest.raises(DataError, match="socket"):
            open_regular(tmp_path / "socket")


def test_a_link_is_followed_only_where_it_may_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_bytes(tmp_path / "link") == b"content"
    with pytest.raises(DataError, match="symbolic link"):
        read_bytes(tmp_path / "link", follow=False)


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(11))
    assert len(read_bytes(tmp_path / "file", limit=11)) == 11
    with pytest.raises(DataError, match="larger"):
        read_bytes(tmp_path / "file", limit=10)


def test_a_missing_file_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "file")
