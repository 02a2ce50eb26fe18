"""A run directory and an archive are told apart by what they are, not by their names."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import SMALL

from dlrun.errors import DataError
from dlrun.run_directory.archive.archive import Archive
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.saved_run import open_saved


def test_what_a_path_is(tmp_path: Path) -> None:
    run = RunDirectory.make(tmp_path / "run.zip")
    run.write_resolved("name: run\n")
    (tmp_path / "archive").write_bytes(SMALL)
    found = open_saved(tmp_path / "run.zip")
    assert isinstance(found, RunDirectory)
    assert (found.data_folder, found.fitted_loss()) == (run.path, None)
    assert found.read_resolved() == b"name: run\n"
    (tmp_path / "link").symlink_to(tmp_path / "archive")
    for name in ("archive", "link"):  # the user names it, so it may be a link
        there = open_saved(tmp_path / name)
        assert isinstance(there, Archive) and there.data_folder is None


def test_what_is_neither(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    (tmp_path / "short.zip").write_bytes(SMALL[:100])
    for name, said in {
        "nothing": "no such run directory",
        "text": "a file, not a run directory",
        ".": "not a run directory: it has no resolved.yaml",
        "short.zip": "not an archive of dlrun, or cut off or broken",
    }.items():
        with pytest.raises(DataError, match=said):
            open_saved(tmp_path / name)


def test_a_study_is_not_a_run_directory(tmp_path: Path) -> None:
    """It also has a resolved.yaml; its journal shows what it is."""
    path = tmp_path / "moons"
    RunDirectory.make(path).write_resolved("name: moons\n")
    (path / "journal.jsonl").touch()
    with pytest.raises(DataError) as caught:
        open_saved(path)
    assert str(caught.value) == (
        f"{path}: a study, not a run; name the run of one of its trials, such as {path}#0, or of "
        f"the best one, {path}@best"
    )


def test_an_archive_is_not_a_run_directory(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(SMALL)
    with pytest.raises(DataError, match="an archive, with which you can predict and evaluate only"):
        RunDirectory.open(tmp_path / "a")
