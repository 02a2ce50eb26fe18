"""What was decoded once is only taken for what it is."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from photos import photos, pixels

from dlrun.data.files import source_file


@pytest.mark.parametrize("how", ["written", "renamed", "linked", "folder"])
def test_another_content_of_the_same_size_and_time_is_seen(
    tmp_path: Path, settled: None, how: str
) -> None:
    photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    photos(tmp_path / "other", {"a/1.pgm": 20, "b/1.pgm": 21})
    file, other = (each / "photos" / "a" / "1.pgm" for each in (tmp_path, tmp_path / "other"))
    if how == "linked":
        file.unlink()
        file.symlink_to(shutil.copy2(other, tmp_path / "first.pgm"))
        photos(tmp_path, {"a/1.pgm": 10})
    assert pixels(tmp_path) == [10, 11]
    if how == "written":
        photos(tmp_path, {"a/1.pgm": 20})
    elif how == "renamed":
        other.replace(file)
    elif how == "linked":
        file.unlink()
        file.symlink_to(other)
    else:
        (tmp_path / "photos").rename(tmp_path / "before")
        (tmp_path / "photos").symlink_to(tmp_path / "other" / "photos")
    assert pixels(tmp_path) == ([20, 21] if how == "folder" else [20, 11])


@pytest.mark.parametrize("why", ["young", "coarse", "none"])
def test_where_the_time_proves_nothing_the_content_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, why: str
) -> None:
    """A content that is written over in place, on a file system that keeps no time of it."""
    folder = photos(tmp_path, {"a/1.pgm": 10, "b/1.pgm": 11})
    first = {each: each.stat() for each in (folder / "photos").rglob("*.pgm")}
    moment = next(iter(first.values())).st_ctime_ns
    changed = {"young": moment, "coarse": moment - moment % 10**9, "none": 0}[why]
    if why != "young":
        request.getfixturevalue("settled")
    of = source_file.State.of

    def forgetful(status: os.stat_result) -> source_file.State:
        state = of(status)
        return source_file.State(state.device, state.inode, state.size, 0, changed)

    monkeypatch.setattr(source_file.State, "of", forgetful)
    assert pixels(folder) == [10, 11]
    with (folder / "photos" / "a" / "1.pgm").open("r+b") as file:
        file.write(b"P5 3 2 255\n" + bytes([20] * 6))
    assert pixels(folder) == [20, 11]
