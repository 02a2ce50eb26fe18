"""What was decoded once is only taken for what it is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from photos import kept, load, photos, pixels


def test_systems_that_cannot_reserve_space_keep_files_all_the_same(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """macOS is one."""
    monkeypatch.delattr(os, "posix_fallocate")
    photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    assert pixels(tmp_path) == [10, 11]
    status = kept(cache).stat()
    assert status.st_blocks * 512 >= status.st_size  # all of it is on the disk
    assert pixels(tmp_path) == [10, 11]
    assert load(tmp_path).notes == ()


def test_a_full_disk_is_no_obstacle(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full)
    assert pixels(photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})) == [10, 11]
    assert not list(cache.iterdir())
