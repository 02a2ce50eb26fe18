"""Only what is proven to be a failed start or a leftover of dlrun is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from run_folders import write_run

from dlrun.cleaning.leftovers import broken_starts, temporary_files
from dlrun.run_directory.directory import RunDirectory

ID = "20261101-120000-aaaaaa"
TEMPORARY = ".result.json.0123abcd.tmp"


def start(path: Path) -> Path:
    (path / "checkpoints").mkdir(parents=True)
    for name in ("spec.yaml", "resolved.yaml", "lock", "log.txt", TEMPORARY):
        (path / name).write_text("x")
    (path / "metrics.csv").touch()
    return path


def found(root: Path) -> list[Path]:
    return [each.directory for each in broken_starts(root)]


def test_a_broken_start_is_found_at_any_depth(tmp_path: Path) -> None:
    path = start(tmp_path / "a" / "b" / ID)
    (each,) = broken_starts(tmp_path)
    assert (each.directory, each.size, each.whole) == (path, 5, True)
    assert each.files[-2:] == ("resolved.yaml", "lock")
    assert set(each.files) == {
        *(TEMPORARY, "checkpoints/", "log.txt", "metrics.csv", "spec.yaml", "resolved.yaml", "lock")
    }
    assert found(path) == [path]


@pytest.mark.parametrize(
    "name", ["notes.txt", "result.json", "tags.json", ".hidden", ".other.0123abcd.tmp", "fold-1/x"]
)
def test_anything_else_keeps_it(tmp_path: Path, name: str) -> None:
    path = start(tmp_path / ID)
    (path / name).parent.mkdir(exist_ok=True)
    (path / name).write_text("mine")
    assert found(tmp_path) == []


def test_an_epoch_a_checkpoint_or_another_name_keeps_it(tmp_path: Path) -> None:
    start(tmp_path / "my-run")
    write_run(tmp_path / "x" / ID, ending=None)
    path = start(tmp_path / ID)
    (path / "checkpoints" / "last.safetensors").touch()
    assert found(tmp_path) == []


def test_links_and_pipes_keep_it(tmp_path: Path) -> None:
    outside = start(tmp_path / "outside" / ID)
    root = tmp_path / "root"
    root.mkdir()
    (root / ID).symlink_to(outside)
    path = start(root / "20261101-120000-bbbbbb")
    (path / "log.txt").unlink()
    os.mkfifo(path / "log.txt")
    other = start(root / "20261101-120000-cccccc")
    (other / "checkpoints").rmdir()
    (other / "checkpoints").symlink_to(outside)
    assert found(root) == []


NAMES = st.sampled_from(
    ["result.json", "metrics.csv", "best.safetensors", "x", "..", "learning-curve.png", "a\nb"]
)


@given(st.lists(st.tuples(NAMES, st.sampled_from(["0123abcd", "0123ABCD", "12", ""])), max_size=6))
def test_temporary_files_are_those_of_known_files(names: list[tuple[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for name, digits in names:
            (Path(folder) / f".{name}.{digits}.tmp").touch()
        deletion = temporary_files(Path(folder), is_study=False)
        files = set() if deletion is None else set(deletion.files)
        assert files == {
            f".{name}.{digits}.tmp"
            for name, digits in names
            if digits == "0123abcd" and name in ("result.json", "metrics.csv")
        }


def test_temporary_files_of_every_file_of_a_run_are_known(tmp_path: Path) -> None:
    run = RunDirectory.make(tmp_path / "a")
    names = [path.name for key, path in vars(run).items() if key.endswith("_file")]
    for name in names:
        (run.path / f".{name}.01234567.tmp").touch()
    found = temporary_files(run.path, is_study=False)
    assert found is not None and len(names) > 10
    assert sorted(found.files) == sorted(f".{name}.01234567.tmp" for name in names)
