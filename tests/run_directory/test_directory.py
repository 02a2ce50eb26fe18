from __future__ import annotations

import json
import math
import os
import re
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from dlrun.errors import DataError, SpecError
from dlrun.experiment.read import read_experiment
from dlrun.pictures import plots
from dlrun.run_directory import directory
from dlrun.run_directory.curves import Curves
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.identity import new_id
from dlrun.run_directory.latest import latest_run
from dlrun.run_directory.lock import Lock
from dlrun.training.events import Restarted, as_json

RESULT = {
    "status": "diverged",
    "ended_by": {"kind": "diverged", "number": None},
    "reason": "the loss is NaN",
    "epochs": 2,
    "best_epoch": 1,
    "weights": "last",
    "metrics": {"loss": 0.5},
    "seconds": 0.1,
    "restarts": [{"reason": "the loss became nan", "epoch": 1, "lr_factor": 0.5}],
}


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    run = RunDirectory.create(tmp_path / "runs", "digits")
    run.write_resolved("name: digits\n")
    return run


def create(root: Path) -> Path:
    return RunDirectory.create(root, "digits").path


def test_ids_are_the_time_in_utc_and_random() -> None:
    noon = datetime(2026, 1, 31, 15, 23, 59, tzinfo=timezone(timedelta(hours=1)))
    ids = {new_id(noon) for _ in range(100)}
    assert len(ids) > 90
    assert all(re.fullmatch(r"20260131-142359-[a-km-z2-9]{6}", id_) for id_ in ids)
    assert new_id()[:8] == f"{datetime.now(UTC):%Y%m%d}"


def test_a_hundred_threads_get_a_hundred_directories(tmp_path: Path) -> None:
    barrier = threading.Barrier(100)

    def at_once(_: int) -> Path:
        barrier.wait()
        return create(tmp_path / "runs")

    with ThreadPoolExecutor(100) as pool:
        paths = set(pool.map(at_once, range(100)))
    assert paths == set((tmp_path / "runs" / "digits").iterdir())
    assert len(paths) == 100


def test_processes_get_directories_of_their_own(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        paths = set(pool.map(create, [tmp_path / "runs"] * 100, chunksize=5))
    assert len(paths) == 100


def test_a_taken_id_is_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["a", "a", "a", "b"])
    monkeypatch.setattr(directory, "new_id", lambda: next(ids))
    assert create(tmp_path).name == "a"
    assert create(tmp_path).name == "b"


def test_a_root_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(DataError, match="a folder of this path is a file"):
        RunDirectory.create(tmp_path / "runs", "digits")


def test_name_and_id(run: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.name == "digits"
    assert run.id == run.path.name
    monkeypatch.chdir(run.path)
    assert (RunDirectory.open(Path()).name, RunDirectory.open(Path()).id) == ("digits", run.id)


def test_a_moved_run_has_the_name_of_its_spec(tmp_path: Path) -> None:
    run = RunDirectory.make(tmp_path / "else" / "moved")
    run.write_resolved("name: moons\nseed: 1\n")
    assert (run.name, run.id) == ("moons", "moved")
    fold = RunDirectory.make(run.path / "fold-1")
    fold.write_resolved("name: moons\nseed: 1\n")
    assert (fold.name, fold.id) == ("moons", "moved/fold-1")
    study = tmp_path / "moved-study"
    trial = RunDirectory.make(study / "trials" / "0000-a")
    trial.write_resolved("name: moons\n")
    (study / "journal.jsonl").write_text("")
    assert trial.name == "moved-study"
    (study / "resolved.yaml").write_text("name: search\n")
    assert trial.name == "search"
    for name in ("../up", "'a b'", "12", '"a\\0"', "a" * 101):
        run.write_resolved(f"name: {name}\n")
        assert run.name == "else"


def test_everything_written_is_read_back(run: RunDirectory) -> None:
    run.write_spec(b"name: digits # as written\r\n")
    run.write_environment({"cpu": {"count": 2}})
    run.append_metrics({"epoch": 1, "loss": 0.1})
    run.append_metrics({"epoch": 2, "loss": math.nan})
    run.log("epoch 1")
    run.log("epoch 2")
    run.append_start(RESTARTED)
    run.save_weights("best", {"w": np.ones(3)}, {"epoch": 1})
    run.write_confusion(("a", "b"), [[1, 2], [3, 4]])

    read = RunDirectory.open(run.path)
    assert read.spec_file.read_bytes() == b"name: digits # as written\r\n"
    assert read.resolved_file.read_text() == "name: digits\n"
    assert read.environment() == {"cpu": {"count": 2}}
    assert read.metrics()["epoch"] == [1, 2]
    assert math.isnan(read.metrics()["loss"][1])
    assert read.log_file.read_text() == "epoch 1\nepoch 2\n"
    assert read.starts() == [RESTARTED]
    assert read.load_weights("best").metadata == {"epoch": 1}
    assert read.confusion().counts == ((1, 2), (3, 4))


def test_result_is_the_truth_of_how_it_ended(run: RunDirectory) -> None:
    assert run.status == "unfinished"
    with pytest.raises(DataError, match="the run is unfinished"):
        run.result()
    run.finish(RESULT | {"metrics": {"loss": math.nan}})
    assert run.status == "diverged"
    assert run.result() == RESULT | {"metrics": {"loss": None}}


def test_a_result_of_version_0_2_has_no_restarts(run: RunDirectory) -> None:
    run.finish({key: value for key, value in RESULT.items() if key != "restarts"})
    assert run.result() == RESULT | {"restarts": []}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "1:1: not JSON"),
        ("null", "expected a JSON object"),
        ("{}", "'status' is missing; the file is broken"),
        (json.dumps(RESULT | {"epochs": 1.5}), "'epochs' must be a count, got 1.5"),
        (json.dumps(RESULT | {"best_epoch": None}), "'best_epoch' must be a count"),
        (json.dumps(RESULT | {"status": ["completed"]}), "'status' must be one of completed"),
        (json.dumps(RESULT | {"metrics": {"loss": "0"}}), "'metrics' must be scores by name"),
        (json.dumps(RESULT | {"restarts": {}}), "'restarts' must be a list of restarts"),
        (json.dumps(RESULT | {"restarts": [{"epoch": 1}]}), "'restarts' must be a list"),
        (json.dumps(RESULT | {"seconds": math.nan}), "NaN is not a finite number"),
        ("[" * 100_000, "nested too deep"),
        ('{"a": ' + "9" * 5_000 + "}", "not JSON that can be read"),
    ],
)
def test_a_broken_result_is_named(run: RunDirectory, text: str, words: str) -> None:
    run.result_file.write_text(text)
    with pytest.raises(DataError, match=r"result\.json") as caught:
        run.result()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_open_wants_a_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such run directory"):
        RunDirectory.open(tmp_path / "gone")
    with pytest.raises(DataError, match=r"not a run directory: it has no resolved\.yaml"):
        RunDirectory.open(tmp_path)


RESTARTED = as_json(Restarted("it is NaN", 1, 0.5, 1, 3))

WRITES: dict[str, Callable[[RunDirectory], object]] = {
    "log.txt": lambda run: run.log("a line"),
    "metrics.csv": lambda run: run.append_metrics({"epoch": 1}),
    "starts.jsonl": lambda run: run.append_start(RESTARTED),
    "lock": lambda run: Lock.acquire(run.path),
}
"""What writes to each of the files that are not replaced."""
READS: dict[str, Callable[[RunDirectory], object]] = {
    "resolved.yaml": lambda run: RunDirectory.open(run.path),
    "metrics.csv": lambda run: run.metrics(),
    "starts.jsonl": lambda run: run.starts(),
    "result.json": lambda run: run.result(),
    "environment.json": lambda run: run.environment(),
    "confusion.csv": lambda run: run.confusion(),
    "curves.json": lambda run: run.curves(),
    "checkpoints/manifest.json": lambda run: run.load_weights("best"),
    "checkpoints/best.safetensors": lambda run: run.load_weights("best"),
}


@pytest.fixture
def whole(run: RunDirectory) -> RunDirectory:
    run.finish(RESULT)
    run.write_environment({})
    run.append_metrics({"epoch": 1})
    run.append_start(RESTARTED)
    run.write_confusion("ab", [[1, 2], [3, 4]])
    run.write_curves(Curves("test", 2, 2))
    run.save_weights("best", {"x": np.zeros(3)}, {})
    return run


@pytest.mark.parametrize("file", WRITES)
def test_no_link_is_followed_to_write(whole: RunDirectory, tmp_path: Path, file: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("epoch\n")
    (whole.path / file).unlink(missing_ok=True)
    (whole.path / file).symlink_to(victim)
    with pytest.raises(DataError, match=f"{file}: is a symbolic link|{file}: .* not followed"):
        WRITES[file](whole)
    assert victim.read_text() == "epoch\n"


def test_a_link_in_the_place_of_a_file_that_is_replaced_is_replaced(
    whole: RunDirectory, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("whole")
    whole.result_file.unlink()
    whole.result_file.symlink_to(victim)
    whole.finish(RESULT)
    assert victim.read_text() == "whole" and whole.result() == RESULT


def test_rows_behind_a_link_are_not_cut_off(whole: RunDirectory, tmp_path: Path) -> None:
    whole.metrics_file.rename(tmp_path / "victim")
    whole.metrics_file.symlink_to(tmp_path / "victim")
    with pytest.raises(DataError, match="symbolic link"):
        whole.cut_metrics(None)
    assert (tmp_path / "victim").read_text() == "epoch\n1\n"


@pytest.mark.parametrize("name", ["checkpoints", "profile", "plots"])
def test_no_folder_is_a_link(whole: RunDirectory, tmp_path: Path, name: str) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / ".left.12345678.tmp").write_text("")
    if (whole.path / name).exists():
        (whole.path / name).rename(tmp_path / "moved")
    (whole.path / name).symlink_to(victim)
    writes: dict[str, Callable[[], object]] = {
        "checkpoints": lambda: whole.save_weights("last", {"x": np.zeros(3)}, {}),
        "profile": lambda: whole.write_profile([{"layer": "a"}], {}),
        "plots": lambda: plots.draw(whole),
    }
    for act in (writes[name], whole.reopen):
        with pytest.raises(DataError, match=f"{name}: is a symbolic link"):
            act()
    assert [each.name for each in victim.iterdir()] == [".left.12345678.tmp"]


def test_weights_are_not_read_through_a_link(whole: RunDirectory, tmp_path: Path) -> None:
    whole.checkpoints.rename(tmp_path / "moved")
    whole.checkpoints.symlink_to(tmp_path / "moved")
    with pytest.raises(DataError, match="checkpoints: is a symbolic link"):
        RunDirectory(whole.path).load_weights("best")


@pytest.mark.parametrize("kind", ["link", "pipe", "device", "folder", "huge"])
@pytest.mark.parametrize("file", READS)
def test_what_is_not_a_file_of_a_run_is_refused_at_once(
    whole: RunDirectory, tmp_path: Path, file: str, kind: str
) -> None:
    path = whole.path / file
    READS[file](RunDirectory(whole.path))
    path.rename(tmp_path / "moved")
    match kind:
        case "link":
            path.symlink_to(tmp_path / "moved")
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
        case "folder":
            path.mkdir()
        case "huge":
            path.touch()
            os.truncate(path, 2**40)  # it takes no space
    if file == "resolved.yaml" and kind != "device" and kind != "link":
        with pytest.raises(SpecError, match=re.escape(str(path))):
            read_experiment(path)
        return
    with pytest.raises(DataError, match=re.escape(str(path))):
        READS[file](RunDirectory(whole.path))


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", None])
def test_a_broken_neighbour_does_not_hide_a_run(tmp_path: Path, broken: str | None) -> None:
    call = {"spec": "spec.yaml"}
    good, other = (RunDirectory.make(tmp_path / "digits" / name) for name in ("1", "2"))
    for each in (good, other):
        each.write_resolved("name: digits\n")
    good.write_environment({"call": call})
    if broken is None:
        os.mkfifo(other.environment_file)
    else:
        other.environment_file.write_text(broken)
    found, notes = latest_run(tmp_path, "digits", call)
    assert found is not None and found.path == good.path
    assert len(notes) == (broken != "{}")
    assert all("2/environment.json" in note and "is skipped" in note for note in notes)


def test_the_checksum_of_the_data_is_a_text(run: RunDirectory) -> None:
    run.write_environment({"data": None})
    assert run.environment() == {"data": None}
    for wrong in (7, [1], {"a": 1}, True):
        run.write_environment({"data": wrong})
        with pytest.raises(DataError, match=r"environment\.json: 'data' must be a text with a SHA"):
            run.environment()
