"""Following a run: from its files come the events that its training yielded."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from run_folders import ENDINGS, write_run
from sweeps import SPEC

from dlrun.errors import DataError
from dlrun.following.events import Killed
from dlrun.following.run import STRIKES, RunFollower
from dlrun.launch.lines import Lines
from dlrun.launch.start import start
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import Lock
from dlrun.training.events import (
    EpochEnded,
    Restarted,
    RunEnded,
    RunStarted,
    StepEnded,
    Trained,
    as_json,
)

START = RunStarted("moons", 3, 5, {"train": 160}, 42, "validation.loss", None)
RESTART = Restarted("it is NaN", 1, 0.5, 1, 3)


def seen(follower: RunFollower) -> list[Any]:
    return [event for event in follower.poll() if not isinstance(event, StepEnded)]


def epochs(events: list[Any]) -> list[int]:
    return [event.epoch for event in events if isinstance(event, EpochEnded)]


def begin(path: Path, event: RunStarted | Restarted = START) -> None:
    RunDirectory(path).append_start(as_json(event))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A run of two epochs that is being trained."""
    path = write_run(tmp_path / "moons" / "a", ending=None)
    begin(path)
    return path


@pytest.fixture
def lock(path: Path) -> Any:
    lock = Lock.acquire(path)
    yield lock
    lock.release()


@pytest.mark.parametrize(
    "stopping", [None, {"patience": 2, "min_delta": 0.01, "start_epoch": 1, "baseline": 5.0}]
)
def test_the_events_are_those_of_the_training(tmp_path: Path, stopping: Any) -> None:
    spec = {**SPEC, "early_stopping": stopping, "epochs": 6}
    with start(spec, runs=tmp_path) as training:
        events = list(training.events())
        follower = RunFollower(training.directory.path)
        before = seen(follower)
        training.finish(pictures=False)
        assert not follower.over
    expected = [event for event in events if not isinstance(event, StepEnded | Trained)]
    assert [*before, *seen(follower)] == expected
    assert follower.over
    assert seen(RunFollower(training.directory.path)) == expected  # all at once


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ended_run_shows_its_end_at_once(tmp_path: Path, ending: str) -> None:
    follower = RunFollower(write_run(tmp_path / "moons" / "a", ending=ending))
    started, *between, ended = seen(follower)
    assert follower.over
    assert isinstance(started, RunStarted)  # that of an older version
    assert (started.epochs, started.steps, started.samples) == (2, 5, {})
    assert epochs(between) == [1, 2]
    assert isinstance(ended, RunEnded)
    assert ended.status == ENDINGS[ending][0]


def test_epochs_come_one_by_one_and_a_half_written_one_is_waited_for(
    path: Path, lock: Lock
) -> None:
    follower = RunFollower(path)
    assert epochs(seen(follower)) == [1, 2]
    assert seen(follower) == []
    assert isinstance(list(follower.poll())[-1], StepEnded)  # so that displays are drawn
    whole = (path / "metrics.csv").read_text().splitlines(keepends=True)
    third = whole[-1].replace("2,10", "3,15", 1)
    with (path / "metrics.csv").open("a") as file:
        file.write(third[:9])
        file.flush()
        assert seen(follower) == []
        file.write(third[9:])
    assert epochs(seen(follower)) == [3]
    lock.release()
    RunDirectory(path).finish(result())
    assert [type(event) for event in seen(follower)] == [RunEnded]


def result(status: str = "completed", kind: str = "epochs") -> dict[str, Any]:
    return {
        "status": status,
        "ended_by": {"kind": kind, "number": None},
        "reason": "for a test",
        "epochs": 3,
        "best_epoch": 1,
        "weights": "last",
        "metrics": {"validation.loss": None},
        "seconds": 0.2,
    }


def test_nothing_is_written_and_no_lock_is_taken(path: Path, lock: Lock) -> None:
    before = {file: file.stat() for file in path.rglob("*")}
    follower = RunFollower(path)
    for _ in range(3):
        seen(follower)
    assert {file: file.stat().st_mtime_ns for file in path.rglob("*")} == {
        file: status.st_mtime_ns for file, status in before.items()
    }


def test_a_run_that_has_just_begun_is_waited_for(tmp_path: Path) -> None:
    path = write_run(tmp_path / "moons" / "a", (), ending=None)
    lock = Lock.acquire(path)
    follower = RunFollower(path)
    assert [seen(follower) for _ in range(STRIKES + 1)] == [[]] * (STRIKES + 1)
    begin(path)
    whole = (path / "starts.jsonl").read_text()
    (path / "starts.jsonl").write_text(whole[:60])
    assert seen(follower) == []
    (path / "starts.jsonl").write_text(whole)
    assert seen(follower) == [START]
    lock.release()


def test_a_killed_run_is_reported_and_one_that_is_resumed_continues(path: Path) -> None:
    lock = Lock.acquire(path)
    follower = RunFollower(path)
    seen(follower)
    lock.release()
    assert [seen(follower) for _ in range(STRIKES - 1)] == [[]] * (STRIKES - 1)
    (killed,) = seen(follower)
    assert isinstance(killed, Killed) and follower.over
    assert (killed.done, killed.directory) == (2, path)
    assert f"dlrun resume {path}" in killed.line
    lock = Lock.acquire(path)
    rows = (path / "metrics.csv").read_text().splitlines(keepends=True)
    (path / "metrics.csv").write_text("".join(rows[:2]))  # its checkpoint was after one epoch
    assert seen(follower) == []
    assert not follower.over
    begin(path, replace(START, epoch=1, step=2))
    (started,) = seen(follower)
    assert (started.epoch, started.step) == (1, 2)
    (path / "metrics.csv").write_text("".join(rows))
    assert epochs(seen(follower)) == [2]
    lock.release()


def test_a_run_of_a_study_is_continued_by_its_study(tmp_path: Path) -> None:
    path = write_run(tmp_path / "trials" / "a", ending=None)
    (tmp_path / "journal.jsonl").touch()
    follower = RunFollower(path)
    events = [event for _ in range(STRIKES) for event in seen(follower)]
    assert "its study" in events[-1].line


def test_epochs_that_a_restart_voids_come_again(path: Path, lock: Lock) -> None:
    follower = RunFollower(path)
    seen(follower)
    rows = (path / "metrics.csv").read_text().splitlines(keepends=True)
    (path / "metrics.csv").write_text("".join([*rows[:2], rows[2].replace("0.4", "0.6")]))
    assert seen(follower) == []  # the reason is not written yet
    begin(path, RESTART)
    restarted, epoch = seen(follower)
    assert restarted == RESTART
    assert (epoch.epoch, epoch.improved, epoch.best_epoch) == (2, False, 1)


@pytest.mark.parametrize("older", [True, False])
def test_epochs_that_are_void_without_a_reason_come_again(path: Path, older: bool) -> None:
    """An older version does not write it, and a process may have been killed before it could."""
    if older:
        (path / "starts.jsonl").unlink()
    lock = Lock.acquire(path)
    follower = RunFollower(path)
    assert epochs(seen(follower)) == [1, 2]
    if not older:
        lock.release()
    rows = (path / "metrics.csv").read_text().splitlines(keepends=True)
    (path / "metrics.csv").write_text("".join([*rows[:2], rows[2].replace("0.4", "0.6")]))
    (epoch,) = seen(follower)
    assert (epoch.epoch, epoch.improved, epoch.best_epoch) == (2, False, 1)
    lock.release()


def test_no_line_of_a_log_counts(path: Path, lock: Lock) -> None:
    """Sentences are for people; a logger may write any line there."""
    follower = RunFollower(path)
    before = seen(follower)
    for line in [*Lines(path)(replace(START, epoch=1)), *Lines(path)(RESTART)]:
        RunDirectory(path).log(line)
    assert seen(follower) == []
    assert seen(RunFollower(path)) == before


def test_scores_that_are_not_numbers_are_not_new_ones(path: Path, lock: Lock) -> None:
    RunDirectory(path).append_metrics(
        {"epoch": 3, "step": 15, "seconds": 0.1, "lr": 0.1}
        | dict.fromkeys(("train.loss", "validation.loss", "validation.accuracy"), float("nan"))
    )
    follower = RunFollower(path)
    assert epochs(seen(follower)) == [1, 2, 3]
    assert seen(follower) == []


def test_the_clock_counts_the_training(path: Path, lock: Lock) -> None:
    follower = RunFollower(path)
    times = [follower.clock() for event in follower.poll() if isinstance(event, RunStarted)]
    assert times[0] < 0.1 <= follower.clock()  # the last epoch ended after 0.1 s


def test_a_link_a_pipe_or_another_file_is_an_error(path: Path) -> None:
    (path / "metrics.csv").unlink()
    os.mkfifo(path / "metrics.csv")
    with pytest.raises(DataError):
        list(RunFollower(path).poll())
    (path / "starts.jsonl").unlink()
    (path / "starts.jsonl").symlink_to("/etc/passwd")
    with pytest.raises(DataError, match="link"):
        list(RunFollower(path).poll())


def test_a_cross_validation_is_followed_by_its_folds(tmp_path: Path) -> None:
    path = write_run(tmp_path / "moons" / "a", (), ending=None)
    write_run(path / "fold-1")
    with pytest.raises(DataError, match="fold-1"):
        RunFollower(path)
