from __future__ import annotations

import math
import re
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from dlrun.errors import DataError
from dlrun.runs import directory
from dlrun.runs.directory import RunDirectory
from dlrun.runs.identity import new_id


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
    with pytest.raises(DataError, match="a part of this path is a file"):
        RunDirectory.create(tmp_path / "runs", "digits")


def test_name_and_id(run: RunDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run.name == "digits"
    assert run.id == run.path.name
    monkeypatch.chdir(run.path)
    assert (RunDirectory.open(Path()).name, RunDirectory.open(Path()).id) == ("digits", run.id)


def test_everything_written_is_read_back(run: RunDirectory) -> None:
    run.write_spec(b"name: digits # as written\r\n")
    run.write_environment({"cpu": {"count": 2}})
    run.append_metrics({"epoch": 1, "loss": 0.1})
    run.append_metrics({"epoch": 2, "loss": math.nan})
    run.log("epoch 1")
    run.log("epoch 2")
    run.save_weights("best", {"w": np.ones(3)}, {"epoch": 1})
    run.write_confusion(("a", "b"), [[1, 2], [3, 4]])

    read = RunDirectory.open(run.path)
    assert read.spec_file.read_bytes() == b"name: digits # as written\r\n"
    assert read.resolved_file.read_text() == "name: digits\n"
    assert read.environment() == {"cpu": {"count": 2}}
    assert read.metrics()["epoch"] == [1, 2]
    assert math.isnan(read.metrics()["loss"][1])
    assert read.log_file.read_text() == "epoch 1\nepoch 2\n"
    assert read.load_weights("best").metadata == {"epoch": 1}
    assert read.confusion().counts == ((1, 2), (3, 4))


def test_result_is_the_truth_of_how_it_ended(run: RunDirectory) -> None:
    assert run.status == "unfinished"
    with pytest.raises(DataError, match="the run is unfinished"):
        run.result()
    run.finish({"status": "diverged", "metrics": {"loss": math.nan}})
    assert run.status == "diverged"
    assert run.result() == {"status": "diverged", "metrics": {"loss": None}}


def test_open_wants_a_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no such run directory"):
        RunDirectory.open(tmp_path / "gone")
    with pytest.raises(DataError, match=r"no run directory: it has no resolved\.yaml"):
        RunDirectory.open(tmp_path)
