"""Whether another user could have written what is found in a cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dlrun import caches

_ANOTHER_USER = 12345


def test_what_this_user_made_is_no_strangers(tmp_path: Path) -> None:
    caches.make(tmp_path / "a" / "b")
    assert caches.stranger(tmp_path / "a" / "b") is None


def test_a_new_folder_is_closed_to_others(tmp_path: Path) -> None:
    caches.make(tmp_path / "cache")
    assert (tmp_path / "cache").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("mode", [0o777, 0o757, 0o722])
def test_a_folder_that_all_can_write_is_a_strangers(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "inner").mkdir()
    (tmp_path / "open").chmod(mode)
    assert caches.stranger(tmp_path / "open" / "inner") == tmp_path / "open"


def test_the_sticky_bit_keeps_others_out(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "inner").mkdir()
    (tmp_path / "open").chmod(0o1777)
    assert caches.stranger(tmp_path / "open" / "inner") is None


def test_the_target_of_a_link_counts(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "inner").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to("open/inner")
    assert caches.stranger(tmp_path / "link") == tmp_path / "open"


def test_a_file_that_others_can_write_is_a_strangers(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "file").chmod(0o666)
    assert caches.stranger(tmp_path / "file") == tmp_path / "file"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_what_another_user_owns_is_a_strangers(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    os.chown(tmp_path / "file", _ANOTHER_USER, _ANOTHER_USER)
    assert caches.stranger(tmp_path / "file") == tmp_path / "file"


def test_a_missing_path_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="missing"):
        caches.stranger(tmp_path / "missing")
