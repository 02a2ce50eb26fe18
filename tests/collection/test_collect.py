"""Finding and reading runs, with and without the index."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from run_folders import ENDINGS, write_folds, write_run

import dlrun
from dlrun.collection import collect as module
from dlrun.collection import read_run
from dlrun.collection.collect import collect, read_entry
from dlrun.collection.index import FILE
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.table import title_of_best
from dlrun.errors import DataError
from dlrun.run_directory.lock import Lock
from dlrun.run_directory.tags import Tags, write_tags
from dlrun.training.events import EpochEnded


def states(root: Path) -> dict[str, str]:
    return {entry.id: entry.state for entry in collect([root]).entries}


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The directories that are read, and not taken from the index."""
    seen: list[str] = []
    original = read_run.read_run

    def reading(directory: str, *more: object) -> RunEntry:
        seen.append(Path(directory).name)
        return original(directory, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(module.read_run, "read_run", reading)
    yield seen


@pytest.mark.parametrize("ending", ENDINGS)
def test_how_a_run_ended_is_its_state(tmp_path: Path, ending: str) -> None:
    write_run(tmp_path / "moons" / "a", ending=ending)
    assert states(tmp_path) == {"a": ending}


def test_a_run_without_a_result_runs_or_was_killed_or_never_began(tmp_path: Path) -> None:
    path = write_run(tmp_path / "moons" / "a", ending=None)
    write_run(tmp_path / "moons" / "b", (), ending=None)
    lock = Lock.acquire(path)
    assert states(tmp_path) == {"a": "running", "b": "failed"}
    lock.release()
    assert states(tmp_path) == {"a": "killed", "b": "failed"}
    # A process that died left its lock.
    (path / "lock").write_text('{"host": "h", "process": 1, "boot": "another", "began": "1"}')
    os.utime(path / "lock", (1, 1))
    assert states(tmp_path)["a"] == "killed"


def test_an_entry_has_what_the_files_have(tmp_path: Path) -> None:
    path = write_run(tmp_path / "moons" / "20261101-120000-aaaaaa", (0.3, 0.2, 0.4), lr=0.1)
    write_tags(path, Tags(("good",), "a note"))
    entry = read_entry(path)
    assert isinstance(entry, RunEntry)
    assert (entry.name, entry.id, entry.kind) == ("moons", path.name, "run")
    assert (entry.trained, entry.planned, entry.best, entry.best_epoch) == (3, 2, 0.2, 2)
    assert (entry.monitor, entry.mode) == ("validation.loss", "min")
    assert entry.metrics["validation.loss"] == 0.4
    assert entry.metrics["train.loss"] == 0.2
    assert entry.created == 1793534400.0
    assert (entry.tags, entry.note) == (("good",), "a note")
    assert entry.spec["optimizer.adam.lr"] == 0.1
    assert entry.size == sum(file.stat().st_size for file in path.rglob("*"))
    assert Path(entry) == path


def test_the_best_is_that_of_the_monitor(tmp_path: Path) -> None:
    stopping = {"monitor": "validation.accuracy", "mode": "auto"}
    path = write_run(tmp_path / "a", (0.3, 0.1, 0.4), ending=None, early_stopping=stopping)
    entry = read_entry(path)
    assert (entry.monitor, entry.best) == ("validation.accuracy", 0.9)


@pytest.mark.parametrize(
    ("rules", "losses", "epoch"),
    [
        ({"min_delta": 0.05}, (0.5, 0.4, 0.37, 0.36), 2),
        ({"min_delta": 0.05}, (0.5, 0.4, 0.37, 0.34), 4),
        ({"baseline": 0.45}, (0.5, math.nan, 0.4, 0.4), 3),
        ({"baseline": 0.1}, (0.5, 0.4, 0.45, 0.5), 2),  # not beaten: the best without it
        ({"monitor": "validation.accuracy", "min_delta": 0.2}, (0.5, 0.4, 0.25, 0.1), 3),
    ],
)
def test_the_best_epoch_of_a_run_that_has_not_ended_is_that_of_its_result(
    tmp_path: Path, rules: dict[str, Any], losses: tuple[float, ...], epoch: int
) -> None:
    stopping = {"monitor": "validation.loss", "mode": "auto", **rules}
    path = write_run(tmp_path / "moons" / "a", losses, ending=None, early_stopping=stopping)
    (entry,) = dlrun.runs(tmp_path)
    assert isinstance(entry, RunEntry) and entry.best_epoch == epoch
    seen = [each for each in dlrun.watch(path) if isinstance(each, EpochEnded)][-1]
    assert seen.best_epoch in (epoch, 0)
    assert (seen.best_epoch == 0) == (rules == {"baseline": 0.1})


def test_an_unchanged_run_is_read_once(tmp_path: Path, reads: list[str]) -> None:
    for name in "abc":
        write_run(tmp_path / "moons" / name, ending="done" if name < "c" else None)
    first = collect([tmp_path])
    assert sorted(reads) == ["a", "b", "c"]
    assert (tmp_path / FILE).exists()
    reads.clear()
    assert collect([tmp_path]) == first
    assert reads == []


def test_a_changed_run_is_read_again(tmp_path: Path, reads: list[str]) -> None:
    for name in "abc":
        write_run(tmp_path / "moons" / name)
    collect([tmp_path])
    reads.clear()
    write_tags(tmp_path / "moons" / "a", Tags(("new",)))
    (tmp_path / "moons" / "b" / "result.json").unlink()
    found = {entry.id: entry for entry in collect([tmp_path]).entries}
    assert sorted(reads) == ["a", "b"]
    assert found["a"].tags == ("new",)
    assert found["b"].state == "killed"


def test_a_running_run_is_not_kept(tmp_path: Path, reads: list[str]) -> None:
    path = write_run(tmp_path / "moons" / "a", ending=None)
    lock = Lock.acquire(path)
    assert states(tmp_path) == states(tmp_path) == {"a": "running"}
    assert reads == ["a", "a"]
    lock.release()
    assert states(tmp_path) == {"a": "killed"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nonsense",
        b'{"format": "dlrun-index", "version": 99, "specs": []}\n',
        b'{"format": "dlrun-index", "version": 1, "specs": [1]}\n',
        b'["a"]\n[]\n',
        b"[" * 100_000,
    ],
)
def test_a_broken_index_is_made_again(tmp_path: Path, reads: list[str], content: bytes) -> None:
    write_run(tmp_path / "moons" / "a")
    first = collect([tmp_path])
    valid = (tmp_path / FILE).read_bytes()
    (tmp_path / FILE).write_bytes(content)
    assert collect([tmp_path]) == first
    assert (tmp_path / FILE).read_bytes() == valid
    assert reads == ["a", "a"]


@pytest.mark.parametrize("place", range(15))
@pytest.mark.parametrize("value", [{}, [[]], "\x1b[2J", 1.5, True])
def test_wrong_values_in_an_index_are_not_believed(
    tmp_path: Path, place: int, value: object
) -> None:
    write_run(tmp_path / "moons" / "a")
    first = collect([tmp_path])
    head, line = map(json.loads, (tmp_path / FILE).read_text().splitlines())
    original = type(line[3][place])
    if original is type(value) or (value == 1.5 and original in (int, float)) or place in (0, 1):
        return  # a value of the right type is as good as one in a run directory
    line[3][place] = value
    (tmp_path / FILE).write_text(f"{json.dumps(head)}\n{json.dumps(line)}\n")
    found = collect([tmp_path])
    assert found == first or place in (3, 4, 6, 7, 9, 10)  # a number or null may be either


def test_an_index_that_cannot_be_written_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(tmp_path / "moons" / "a")
    (tmp_path / FILE).mkdir()  # also root cannot replace a folder by a file
    found = collect([tmp_path])
    assert [entry.id for entry in found.entries] == ["a"]
    assert found.notes == ()
    assert list(tmp_path.glob(".*.tmp")) == []


def test_broken_runs_and_strangers_are_notes(tmp_path: Path) -> None:
    write_run(tmp_path / "moons" / "good")
    (write_run(tmp_path / "moons" / "bad") / "result.json").write_text("{")
    (tmp_path / "moons" / "half").mkdir()
    (tmp_path / "moons" / "half" / "spec.yaml").write_text("")
    (tmp_path / "photos" / "cats").mkdir(parents=True)
    (tmp_path / "notes.txt").write_text("")
    found = collect([tmp_path])
    assert [entry.id for entry in found.entries] == ["good"]
    half, bad, photos = found.notes
    assert half.startswith(f"{tmp_path}/moons/half: not a run directory: it has no resolved.yaml")
    assert bad.startswith(f"{tmp_path}/moons/bad/result.json:1:2: not JSON")
    assert photos.startswith(f"{tmp_path}/photos/cats and 1 other folder: not runs or studies")


def test_links_and_pipes_are_left_alone(tmp_path: Path) -> None:
    outside = write_run(tmp_path / "outside" / "secret")
    root = tmp_path / "runs"
    write_run(root / "moons" / "good")
    (root / "moons" / "link").symlink_to(outside)
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "pipe")
    for name in ("resolved.yaml", "result.json", "metrics.csv", "tags.json", "environment.json"):
        path = write_run(root / "moons" / f"bad-{name}")
        (path / name).unlink(missing_ok=True)
        os.mkfifo(path / name)
    path = write_run(root / "moons" / "linked")
    (path / "result.json").unlink()
    (path / "result.json").symlink_to(outside / "result.json")
    os.mkfifo(write_run(root / "moons" / "lock") / "lock")
    found = collect([root])
    assert sorted(entry.id for entry in found.entries) == ["good", "lock"]
    assert len(found.notes) == 6


def test_folds_are_under_their_cross_validation(tmp_path: Path) -> None:
    path = write_run(tmp_path / "cv" / "20261101-120000-aaaaaa", (), data={"split": {"folds": 2}})
    ended = {"status": "completed", "reason": "", "seconds": 1.0, "metrics": {}}
    folds = [{"directory": f"fold-{number}"} for number in (1, 2)]
    result = {**ended, "metrics": {"validation.loss": 0.25}, "folds": folds}
    (path / "result.json").write_text(json.dumps(result))
    for number in (1, 2):
        write_run(path / f"fold-{number}", (0.5, 0.25))
    (entry,) = collect([tmp_path]).entries
    assert (entry.kind, entry.state, entry.best) == ("folds", "done", 0.25)
    inner = collect([tmp_path], inner=True).entries
    assert {each.id for each in inner} == {path.name, f"{path.name}/fold-1", f"{path.name}/fold-2"}
    assert {each.id for each in collect([path]).entries} == {"fold-1", "fold-2"} or len(inner) == 3
    # What one call has left out of the index is not lost by the next.
    (path / "fold-1" / "tags.json").write_text('{"tags": ["x"]}')
    assert collect([tmp_path], inner=True).entries != inner


def test_nothing_is_written_into_a_run(tmp_path: Path) -> None:
    path = write_folds(tmp_path / "runs" / "cv" / "a", [(0.5,), (0.4,)])
    before = sorted(path.rglob("*"))
    assert len(collect([path]).entries) == 2
    assert len(collect([path / "fold-1"]).entries) == 1
    assert sorted(path.rglob("*")) == before
    collect([path.parent])
    assert (path.parent / FILE).exists()


def test_the_best_value_of_folds_is_the_mean_of_theirs(tmp_path: Path) -> None:
    losses: list[tuple[float, ...]] = [(0.5, 0.25, 0.75), (0.5, 1.0, 1.5)]
    whole = write_folds(tmp_path / "cv" / "a", losses)
    (entry,) = collect([tmp_path]).entries
    assert (entry.best, entry.metrics["validation.loss"]) == (0.375, 1.125)
    inner = {each.id: each.best for each in collect([tmp_path], inner=True).entries}
    assert inner == {"a": 0.375, "a/fold-1": 0.25, "a/fold-2": 0.5}
    assert title_of_best([entry]) == "best validation.loss"
    # The best epoch of a fold can be another one than that of its smallest loss.
    result = json.loads((whole / "result.json").read_text())
    result["folds"][0]["best_epoch"] = 1
    (whole / "result.json").write_text(json.dumps(result))
    assert read_entry(whole).best == 0.5
    result["folds"][0]["status"] = "diverged"
    (whole / "result.json").write_text(json.dumps(result))
    assert read_entry(whole).best == 0.5  # as the mean scores, of completed folds only
    result["folds"][1]["status"] = "stopped"
    (whole / "result.json").write_text(json.dumps(result))
    assert read_entry(whole).best is None


def test_the_best_value_of_folds_that_are_gone_is_unknown(tmp_path: Path) -> None:
    whole = write_folds(tmp_path / "cv" / "a", [(0.5,), (0.25,)])
    (whole / "fold-2").rename(tmp_path / "other")
    assert read_entry(whole).best is None
    (whole / "fold-2").symlink_to(tmp_path / "other")
    assert read_entry(whole).best is None


def test_a_missing_folder_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="no such folder"):
        collect([tmp_path / "none"])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match="no folder runs or studies"):
        collect()
    write_run(tmp_path / "runs" / "moons" / "a")
    assert [entry.id for entry in collect().entries] == ["a"]
    assert len(collect(["runs", "runs/moons"]).entries) == 1
