"""``dlrun tune --executor``: studies on a cluster of this machine, whose processes are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import heeding
from sweeps import SPEC, journal, write_sweep
from waiting import wait_for

pytest.importorskip("distributed", reason="dask is missing: install dlrun[cluster] to test it")

pytestmark = pytest.mark.slow

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Started = Callable[..., Any]

FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
LONG = {**SPEC, "epochs": 3000, "checkpoint": {"every": {"epochs": 50}, "share": 1}}
WAIT = 120.0


def results(study: Path) -> dict[str, bytes]:
    return {name: (study / name).read_bytes() for name in FILES}


def count(study: Path, event: str) -> int:
    return sum(record["event"] == event for record in journal(study))


def trainings(of: int) -> list[tuple[int, int]]:
    """Processes below another one that train, each with its parent."""
    parents, found = {}, []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            number = int(path.name)
            parents[number] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if b"dlrun.study.executors.worker" in (path / "cmdline").read_bytes():
                found.append(number)
        except OSError:
            continue

    def below(number: int) -> bool:
        while number > 1:
            if number == of:
                return True
            number = parents.get(number, 0)
        return False

    return [(number, parents[number]) for number in found if below(number)]


def ended_once(study: Path) -> None:
    ended = Counter(
        (each["trial"], each["repeat"], each["epochs"])
        for each in journal(study)
        if each["event"] == "ended"
    )
    assert set(ended.values()) == {1}


def test_results_are_those_of_this_machine(dlrun: Dlrun, tmp_path: Path) -> None:
    keys = {"search": {"random": {"trials": 6}}, "prune": {"halving": {"min_epochs": 1}}}
    sweep = write_sweep(tmp_path, **keys)
    result = dlrun("tune", sweep, "--executor", "dask", "--jobs", "2", "--plain")
    assert (result.returncode, result.stderr) == (0, "")
    assert "2 workers" in result.stdout
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(tmp_path / "studies/search") == results(tmp_path / "here/search")


def test_whatever_is_killed_costs_its_own_run_an_attempt(
    dlrun: Dlrun, started: Started, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, spec=LONG, search={"random": {"trials": 4}})
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--executor", "dask", "--jobs", "2", "--plain")
    # Both trainings at once, so that the worker to kill trains another run than the one killed.
    (training, _), (_, worker) = wait_for(
        lambda: len(found := trainings(process.pid)) == 2 and found, process
    )
    os.kill(training, signal.SIGKILL)
    wait_for(lambda: count(study, "crashed") == 1, process)
    os.kill(worker, signal.SIGKILL)  # a worker of dask, and what it trained goes with it
    wait_for(lambda: count(study, "crashed") == 2, process)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (0, ""), out
    reasons = [each["reason"] for each in journal(study) if each["event"] == "crashed"]
    assert "killed by SIGKILL" in reasons[0] and reasons[1] == "its dask worker was killed"
    ended_once(study)
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(study) == results(tmp_path / "here/search")


def test_a_study_that_is_killed_goes_on(dlrun: Dlrun, started: Started, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, spec=LONG, search={"random": {"trials": 4}})
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--executor", "dask", "--jobs", "2", "-q")
    wait_for(lambda: count(study, "ended") >= 1 and trainings(process.pid), process)
    process.kill()
    process.communicate()
    begun = count(study, "started")
    process = started("tune", sweep, "--executor", "dask", "--jobs", "2", "--plain")
    wait_for(lambda: count(study, "started") > begun, process)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 75, out
    assert dlrun("tune", sweep, "-q").returncode == 0  # and on this machine alone
    ended_once(study)
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(study) == results(tmp_path / "here/search")


def whole(file: Path) -> str:
    """The text of a JSON file, once all of it is there."""
    text = file.read_text() if file.exists() else ""
    return text if text.rstrip().endswith("}") else ""


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with two workers, and its process."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    file = tmp_path / "scheduler.json"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    quiet["preexec_fn"] = heeding
    where = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    processes = [subprocess.Popen([*command, *where], cwd=tmp_path, **quiet)]
    text = wait_for(lambda: whole(file), processes[0])
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
    more = ["--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    processes.append(subprocess.Popen([*command, *more], cwd=tmp_path, **quiet))
    yield json.loads(text)["address"], processes[0]
    for each in reversed(processes):
        each.terminate()
    for each in processes:
        each.wait(WAIT)


def test_a_cluster_that_is_there(
    dlrun: Dlrun, tmp_path: Path, scheduler: tuple[str, subprocess.Popen[bytes]]
) -> None:
    sweep = write_sweep(tmp_path)
    arguments = ("--executor", "dask", "--scheduler", scheduler[0], "--jobs", "2")
    result = dlrun("tune", sweep, *arguments, "--plain")
    assert (result.returncode, result.stderr) == (0, "")
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(tmp_path / "studies/search") == results(tmp_path / "here/search")


def test_a_scheduler_that_dies_costs_no_run_an_attempt(
    dlrun: Dlrun,
    started: Started,
    tmp_path: Path,
    scheduler: tuple[str, subprocess.Popen[bytes]],
) -> None:
    sweep = write_sweep(tmp_path, spec=LONG, search={"random": {"trials": 2}})
    study = tmp_path / "studies" / "search"
    address, process_of_it = scheduler
    process = started("tune", sweep, "--executor", "dask", "--scheduler", address, "--plain")
    wait_for(lambda: any(study.glob("trials/*/checkpoints/last.safetensors")), process)
    process_of_it.kill()
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 2
    assert err == f"{address} is gone; run the same command again to resume\n"
    assert not count(study, "crashed")
    assert count(study, "interrupted")
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(study) == results(tmp_path / "here/search")


def test_what_a_cluster_cannot_do(dlrun: Dlrun, tmp_path: Path) -> None:
    median = write_sweep(tmp_path, "median.yaml", prune="median", name="median")
    for words, said in (
        ((median, "--executor", "dask"), "'median' decides after every epoch"),
        ((median, "--scheduler", "tcp://127.0.0.1:9"), "--scheduler needs --executor dask"),
        (
            (write_sweep(tmp_path), "--executor", "dask", "--scheduler", "nowhere://x"),
            "no dask scheduler answers",
        ),
        ((write_sweep(tmp_path), "--executor", "slurm"), "--executor slurm needs --jobs"),
        ((write_sweep(tmp_path), "--executor", "slurm", "--jobs", "2"), "jobqueue.yaml"),
    ):
        result = dlrun("tune", *words)
        assert result.returncode == 2, result.stderr
        assert said in result.stderr
