"""Sizes of files with several names are those that are freed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from run_folders import write_run
from sweeps import SPEC

import dlrun

NAMES = ("20261101-120000-aaaaaa", "20261102-120000-bbbbbb")


@pytest.fixture
def forked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The same checkpoint of two runs, as forks of population-based training have it."""
    monkeypatch.chdir(tmp_path)
    files = []
    for name in NAMES:
        folder = write_run(Path("runs/moons") / name) / "checkpoints"
        folder.mkdir(exist_ok=True)
        files.append(folder / "previous.safetensors")
    files[0].write_bytes(b"x" * 1_000_000)
    os.link(files[0], files[1])
    return files


def test_a_file_is_counted_once(forked: list[Path]) -> None:
    cleaned = dlrun.clean(last=True)
    assert sorted(each.size for each in cleaned.deletions) == [0, 1_000_000]
    assert cleaned.size == 1_000_000


def test_a_file_of_which_a_name_stays_is_not_counted(forked: list[Path]) -> None:
    for name in NAMES:
        (found,) = dlrun.clean("runs", last=True, where=[f"id={name}"]).deletions
        assert (found.files, found.size) == (("checkpoints/previous.safetensors",), 0)
    forked[0].unlink()
    assert dlrun.clean(last=True).size == 1_000_000


def test_a_folder_counts_a_file_once(forked: list[Path]) -> None:
    alone = [entry.size for entry in dlrun.runs()]
    assert all(size > 1_000_000 for size in alone)  # as if the other run did not exist
    os.link(forked[0], forked[0].with_name("best.safetensors"))
    assert [entry.size for entry in dlrun.runs()] == alone


def test_states_of_a_checkpoint_that_runs_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    spec = {**SPEC, "epochs": 1, "params": {"units": 256}}
    run = dlrun.train(spec, runs="runs").path
    shutil.copytree(run, fork := run.with_name(NAMES[0]))
    last = "checkpoints/last.safetensors"
    (fork / last).unlink()
    os.link(run / last, fork / last)
    (alone,) = dlrun.clean(run, states=True).deletions
    assert alone.size == 0  # the fork keeps the file
    planned, before = dlrun.clean(states=True), used(Path("runs"))
    assert len(planned.deletions) == 2
    dlrun.clean(states=True, delete=True)
    assert before - used(Path("runs")) == pytest.approx(planned.size, abs=2_000)  # manifests grow
    assert planned.size > 4_000


def used(folder: Path) -> int:
    files = {path.stat().st_ino: path.stat().st_size for path in folder.rglob("*.safetensors")}
    return sum(files.values())
