"""Messages for files that do not exist say where they were looked for, and what is there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dlrun.data.files.absent import reason
from dlrun.data.sources.images import Images
from dlrun.data.sources.npy import Npy
from dlrun.data.sources.npz import Npz
from dlrun.errors import DataError


def said(folder: Path, shown: str) -> str:
    path = folder / shown
    with pytest.raises(OSError) as caught:
        os.scandir(path) if shown.endswith("/") else path.read_bytes()
    return reason(caught.value, shown, path)


def test_a_similar_name(tmp_path: Path) -> None:
    (tmp_path / "photos" / "cat").mkdir(parents=True)
    (tmp_path / "photos" / "cat" / "0.png").touch()
    for shown, expected in (
        (
            "photoz/",
            f"{tmp_path}, where relative paths start, has no 'photoz'; did you mean 'photos'?",
        ),
        (
            "./photoz",
            f"{tmp_path}, where relative paths start, has no 'photoz'; did you mean 'photos'?",
        ),
        (
            "photo/cat",
            f"{tmp_path}, where relative paths start, has no 'photo'; did you mean 'photos'?",
        ),
        (
            "photos/cat/0.jpg",
            f"{tmp_path}/photos/cat has no '0.jpg', and relative paths start at {tmp_path}; "
            "did you mean '0.png'?",
        ),
        (f"{tmp_path}/photoz", f"{tmp_path} has no 'photoz'; did you mean 'photos'?"),
    ):
        assert said(tmp_path, shown) == f"No such file or directory; the folder {expected}"


def test_what_is_there_instead(tmp_path: Path) -> None:
    assert said(tmp_path, "x.csv").endswith(
        "has no 'x.csv'; that folder is empty; correct the path"
    )
    for name in ("one", "two", "six", ".hidden"):
        (tmp_path / name).touch()
    assert said(tmp_path, "x.csv").endswith("correct the path; that folder contains one, six, two")
    assert said(tmp_path, "one/x.csv").endswith(f"{tmp_path}/one is not a folder; correct the path")
    for number in range(5):
        (tmp_path / f"more{number}").touch()
    assert said(tmp_path, "x.csv").endswith("contains more0, more1, more2, more3, more4, ...")


def test_a_link_to_nothing(tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to("gone")
    link = f"{tmp_path}/data is a link to a file that does not exist; correct the link"
    assert said(tmp_path, "data").endswith(link)
    assert said(tmp_path, "data/x.csv").endswith(link)


def test_other_errors_keep_their_path(tmp_path: Path) -> None:
    assert reason(PermissionError(13, "Permission denied"), "a", tmp_path / "a") == (
        f"Permission denied ({tmp_path}/a)"
    )


def test_sources_use_it(tmp_path: Path) -> None:
    np_file = tmp_path / "bright.npz"
    np_file.touch()
    (tmp_path / "photos").mkdir()
    for source, similar in (
        (Npz(path="brigth.npz"), "bright.npz"),
        (Images(path="photo"), "photos"),
        (Npy(path="photo"), "photos"),
        (Images(path="photos", labels="bright.np"), "bright.npz"),
    ):
        with pytest.raises(DataError, match=rf"did you mean '{similar}'\?"):
            source.load(0, tmp_path)
    (tmp_path / "labels.csv").write_text("file,label\nox.jpg,a\n")
    (tmp_path / "photos" / "ox.png").touch()
    with pytest.raises(DataError, match=r"labels.csv:2: column 'file': .* did you mean 'ox.png'\?"):
        Images(path="photos", labels="labels.csv").load(0, tmp_path)
