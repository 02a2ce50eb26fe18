from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sweeps import SPEC

from dlrun.errors import DlrunError, MachineError
from dlrun.run_directory.directory import RunDirectory
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.executors.local import LocalExecutor
from dlrun.study.executors.protocol import Ended, Epoch, Failed, Hello, Task


@pytest.fixture
def hello(tmp_path: Path) -> Hello:
    return Hello(json.dumps(SPEC), "spec.yaml", str(tmp_path))


@pytest.fixture
def executor(hello: Hello, tmp_path: Path) -> Iterator[LocalExecutor]:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    found = LocalExecutor(hello, 1, 1, None, tmp_path / "workers.log", lock)
    yield found
    found.close()
    os.close(lock)


def done(executor: LocalExecutor, task: Task) -> object:
    number = executor.submit(task)
    while True:
        for news in executor.news(1.0):
            if isinstance(news.what, Ended | Failed | Crashed):
                assert news == News(number, news.what)
                return news.what


def task(folder: Path, name: str, epochs: int = 0, **settings: object) -> Task:
    return Task(settings, epochs, "validation.loss", str(folder / name))


def test_one_worker_trains_one_run_after_another(executor: LocalExecutor, tmp_path: Path) -> None:
    assert isinstance(done(executor, task(tmp_path, "a")), Ended)
    assert executor.free == 1
    assert isinstance(done(executor, task(tmp_path, "b", epochs=2)), Ended)
    runs = [RunDirectory.open(tmp_path / name) for name in ("a", "b")]
    assert [run.result()["epochs"] for run in runs] == [4, 2]
    # A run that is halted has the bits of one that goes on.
    columns = [run.metrics() for run in runs]
    for name in columns[0]:
        if name != "seconds":
            assert columns[0][name][:2] == columns[1][name]
    assert runs[0].environment()["command"][:3] == ["dlrun", "train", "spec.yaml"]


def test_workers_of_a_portable_study_are_pinned_wherever_they_start(
    hello: Hello, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Nehalem")
    monkeypatch.setenv("NUMBA_OPT", "0")
    portable = replace(hello, spec=json.dumps({**SPEC, "numerics": "portable"}), portable=True)
    executor = LocalExecutor(portable, 1, 1, None, tmp_path / "workers.log")
    try:
        ended = done(executor, task(tmp_path, "a"))
    finally:
        executor.close()
    assert isinstance(ended, Ended), ended
    environment = RunDirectory.open(tmp_path / "a").environment()
    assert environment["numerics"]["target"]
    assert "Nehalem" not in [library["architecture"] for library in environment["blas"]]


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_the_log_of_workers_is_not_written_through_a_link(
    hello: Hello, tmp_path: Path, kind: str
) -> None:
    log, victim = tmp_path / "workers.log", tmp_path / "victim"
    victim.write_text("whole")
    if kind == "link":
        log.symlink_to(victim)
    else:
        os.mkfifo(log)
    with pytest.raises(MachineError, match=r"workers\.log: is a (symbolic link|pipe)"):
        LocalExecutor(hello, 1, 1, None, log)
    assert victim.read_text() == "whole"


def test_a_run_goes_on_from_the_rung_it_came_to(executor: LocalExecutor, tmp_path: Path) -> None:
    assert isinstance(done(executor, task(tmp_path, "whole")), Ended)
    run = RunDirectory(tmp_path / "steps")
    seconds: list[float] = []
    for epochs in (1, 3, 0):
        assert isinstance(done(executor, task(tmp_path, "steps", epochs)), Ended)
        # Epochs of before are those of before, not trained again.
        assert run.metrics()["seconds"][: len(seconds)] == seconds
        seconds = list(run.metrics()["seconds"])
    whole = RunDirectory.open(tmp_path / "whole")
    for name in ("last.safetensors", "best.safetensors"):
        found = [(each.checkpoints / name).read_bytes() for each in (run, whole)]
        assert found[0] == found[1]
    assert run.result()["metrics"] == whole.result()["metrics"]
    assert len(run.environment()["earlier"]) == 2


def test_a_run_that_was_stored_beyond_its_rung_begins_anew(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    assert isinstance(done(executor, task(tmp_path, "whole", epochs=2)), Ended)
    assert isinstance(done(executor, task(tmp_path, "again", epochs=2)), Ended)
    (tmp_path / "again" / "result.json").unlink()  # as if it had been killed just before
    assert isinstance(done(executor, task(tmp_path, "again", epochs=2)), Ended)
    runs = [RunDirectory.open(tmp_path / name) for name in ("whole", "again")]
    assert runs[0].result()["metrics"] == runs[1].result()["metrics"]
    assert runs[1].result()["epochs"] == 2
    (tmp_path / "again" / "checkpoints" / "last.safetensors").write_bytes(b"broken")
    (tmp_path / "again" / "result.json").unlink()
    assert isinstance(done(executor, task(tmp_path, "again")), Ended)
    assert runs[1].result()["epochs"] == 4


def test_a_fault_costs_its_own_run_only(executor: LocalExecutor, tmp_path: Path) -> None:
    failed = done(executor, task(tmp_path, "a", epochz=1))
    assert isinstance(failed, Failed)
    assert failed.reason == "override epochz=1: unknown key 'epochz'; did you mean 'epochs'?"
    (tmp_path / "b").write_text("in the way")
    assert isinstance(done(executor, task(tmp_path, "b")), Failed)
    assert isinstance(done(executor, task(tmp_path, "c")), Ended)


def test_a_network_that_memory_cannot_hold_costs_its_own_run_only(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    failed = done(executor, task(tmp_path, "a", **{"params.units": 10**14}))
    assert isinstance(failed, Failed)
    assert "GiB of memory, most of it for dense_1" in failed.reason
    assert isinstance(done(executor, task(tmp_path, "b")), Ended)


def test_workers_that_cannot_start_are_no_crash(tmp_path: Path) -> None:
    lock = os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT)
    broken = LocalExecutor(Hello("[", "x", "."), 1, 1, None, tmp_path / "workers.log", lock)
    with pytest.raises(DlrunError, match=r"a worker cannot start .*workers\.log"):
        done(broken, task(tmp_path, "a"))
    broken.close()
    os.close(lock)
    assert "not YAML" in (tmp_path / "workers.log").read_text()


def worker() -> int:
    """The process of the one worker, the newest child: tests before may have left others."""
    *_, child = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return int(child)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_a_signal_to_a_worker_costs_nothing(
    executor: LocalExecutor, tmp_path: Path, number: signal.Signals
) -> None:
    long = {"epochs": 1_000_000}
    submitted = executor.submit(Task(long, 0, "validation.loss", str(tmp_path / "a")))
    while not any(isinstance(each.what, Epoch) for each in executor.news(1.0)):
        pass
    os.kill(worker(), number)
    assert ended(executor) == News(submitted, Lost("a signal asked its process to stop"))
    run = RunDirectory.open(tmp_path / "a")
    trained = run.result()["epochs"]
    assert (run.checkpoints / "last.safetensors").exists()
    # Another worker resumes it.
    more = Task(long, trained + 1, "validation.loss", str(tmp_path / "a"))
    assert isinstance(done(executor, more), Ended)
    assert len(run.metrics()["train.loss"]) == trained + 1


def test_a_signal_to_a_worker_that_starts_waits_until_it_can_be_heeded(
    executor: LocalExecutor, tmp_path: Path
) -> None:
    submitted = executor.submit(task(tmp_path, "a"))
    os.kill(worker(), signal.SIGTERM)
    assert ended(executor) == News(submitted, Lost("a signal ended its process"))
    assert not (tmp_path / "a").exists()
    assert isinstance(done(executor, task(tmp_path, "a")), Ended)


def ended(executor: LocalExecutor) -> News:
    while True:
        for news in executor.news(1.0):
            if not isinstance(news.what, Epoch):
                return news
