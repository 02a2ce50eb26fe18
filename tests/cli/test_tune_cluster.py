"""``dlrun tune --executor``: studies on a cluster of this machine, whose processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import DaskCluster
from killing import RUN, below
from sweeps import SPEC, journal, write_sweep
from waiting import wait_for

pytest.importorskip("distributed", reason="dask is missing: install dlrun[cluster] to test it")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Started = Callable[..., Any]

FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
LONG = {**SPEC, "epochs": 3000, "checkpoint": {"every": {"epochs": 50}, "share": 1}}
WAIT = 900.0
"""Seconds, far more than needed, as other programs may have the processors."""


def results(study: Path) -> dict[str, bytes]:
    return {name: (study / name).read_bytes() for name in FILES}


def count(study: Path, event: str) -> int:
    return sum(record["event"] == event for record in journal(study))


def trainings(of: int) -> list[tuple[int, int]]:
    """Processes below another one that train, each with its parent."""
    return [(number, parent) for number, (kind, parent) in below(of).items() if kind == RUN]


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


def test_a_crash_costs_an_attempt_and_a_kill_costs_none(
    dlrun: Dlrun, started: Started, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, spec=LONG, search={"random": {"trials": 4}})
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--executor", "dask", "--jobs", "2", "--plain")
    # Both train at once, so that the worker to kill trains another run than the one killed.
    wait_for(lambda: len(list(study.glob("trials/*/metrics.csv"))) == 2, process)
    (training, _), (_, worker) = wait_for(
        lambda: len(found := trainings(process.pid)) == 2 and found, process
    )
    os.kill(training, signal.SIGSEGV)
    wait_for(lambda: count(study, "crashed") == 1, process)
    os.kill(worker, signal.SIGKILL)  # a worker of dask, and what it trained goes with it
    wait_for(lambda: count(study, "interrupted") == 1, process)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (0, ""), out
    (crash,) = [each for each in journal(study) if each["event"] == "crashed"]
    assert "killed by SIGSEGV" in crash["reason"]
    assert "its dask worker was killed; it will resume from its last checkpoint" in out
    ended_once(study)
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(study) == results(tmp_path / "here/search")


def test_a_worker_that_dask_gives_up_is_replaced(
    dlrun: Dlrun, started: Started, tmp_path: Path
) -> None:
    """As on a busy machine, where a worker is back later than dask waits for it."""
    sweep = write_sweep(tmp_path, spec=LONG, search={"random": {"trials": 2}})
    study = tmp_path / "studies" / "search"
    soon = {"DASK_DISTRIBUTED__DEPLOY__LOST_WORKER_TIMEOUT": "100ms"}
    process = started("tune", sweep, "--executor", "dask", "--jobs", "1", "-q", **soon)
    for killed in (1, 2):
        wait_for(lambda: any(study.glob("trials/*/metrics.csv")), process)
        _, worker = wait_for(lambda: trainings(process.pid), process)[0]
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: count(study, "interrupted") == killed, process)  # noqa: B023
    assert process.communicate(timeout=WAIT) == ("", "")
    assert process.returncode == 0
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(study) == results(tmp_path / "here/search")


def test_a_study_without_workers_says_so(started: Started, tmp_path: Path) -> None:
    with DaskCluster(tmp_path, 1) as cluster:
        cluster.workers.kill()  # and its own workers end with it
        words = ("--executor", "dask", "--scheduler", cluster.address, "--plain")
        process = started("tune", write_sweep(tmp_path), *words)
        line = f"waiting for dask: {cluster.address} has no workers\n"
        assert line in iter(process.stdout.readline, "")
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == 75


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


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address of a scheduler with two workers, and its process."""
    with DaskCluster(tmp_path, 2) as cluster:
        yield cluster.address, cluster.scheduler


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
