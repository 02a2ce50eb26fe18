"""``dlrun tune --executor``: studies on a cluster of this machine, whose processes are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, journal, write_sweep

pytest.importorskip("distributed", reason="dask is missing: install dlrun[cluster] to test it")

pytestmark = pytest.mark.slow

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Started = Callable[..., Any]

FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
LONG = {**SPEC, "epochs": 600, "checkpoint": {"share": 1}}
WAIT = 120.0


def results(study: Path) -> dict[str, bytes]:
    return {name: (study / name).read_bytes() for name in FILES}


def count(study: Path, event: str) -> int:
    return sum(record["event"] == event for record in journal(study))


def wait_for(what: Callable[[], Any], process: Any) -> Any:
    deadline = time.monotonic() + WAIT
    while not (found := what()):
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    return found


def trainings(of: int) -> list[tuple[int, int]]:
    """Processes below another one that train, each with its parent."""
    parents, found = {}, []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            number = int(path.name)
            parents[number] = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            if b"dlrun.tune.worker" in (path / "cmdline").read_bytes():
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
    training, _ = wait_for(lambda: trainings(process.pid), process)[0]
    os.kill(training, signal.SIGKILL)
    wait_for(lambda: count(study, "crashed") == 1, process)
    others = wait_for(lambda: trainings(process.pid), process)
    os.kill(others[0][1], signal.SIGKILL)  # a worker of dask, and what it trained goes with it
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


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    file = tmp_path / "scheduler.json"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    where = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    processes = [subprocess.Popen([*command, *where], cwd=tmp_path, **quiet)]
    wait_for(file.exists, processes[0])
    command = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file)]
    more = ["--nworkers", "2", "--nthreads", "1", "--no-dashboard"]
    processes.append(subprocess.Popen([*command, *more], cwd=tmp_path, **quiet))
    import json

    yield json.loads(file.read_text())["address"]
    for each in reversed(processes):
        each.terminate()
    for each in processes:
        each.wait(WAIT)


def test_a_cluster_that_is_there(dlrun: Dlrun, tmp_path: Path, scheduler: str) -> None:
    sweep = write_sweep(tmp_path)
    arguments = ("--executor", "dask", "--scheduler", scheduler, "--jobs", "2")
    result = dlrun("tune", sweep, *arguments, "--plain")
    assert (result.returncode, result.stderr) == (0, "")
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(tmp_path / "studies/search") == results(tmp_path / "here/search")


SBATCH = """#!/bin/sh
# Slurm on this machine: a job is a process. As there, the script may be gone when it begins.
for script; do :; done
job=$(cat "$script")
setsid sh -c "$job" > /dev/null 2>&1 &
echo $! >> {jobs}
echo "Submitted batch job $!"
"""


def test_jobs_of_slurm(dlrun: Dlrun, tmp_path: Path) -> None:
    pytest.importorskip("dask_jobqueue", reason="dask-jobqueue is missing: dlrun[cluster] has it")
    commands, jobs = tmp_path / "bin", tmp_path / "jobs"
    commands.mkdir()
    for name, text in (
        ("sbatch", SBATCH.format(jobs=jobs)),
        ("scancel", "#!/bin/sh\nkill -- -$1 2> /dev/null\n"),
    ):
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    settings = {
        "PATH": f"{commands}:{os.environ['PATH']}",
        "DASK_JOBQUEUE__SLURM__CORES": "1",
        "DASK_JOBQUEUE__SLURM__MEMORY": "1GB",
        "DASK_JOBQUEUE__SLURM__INTERFACE": "lo",
    }
    sweep = write_sweep(tmp_path)
    try:
        result = dlrun("tune", sweep, "--executor", "slurm", "--jobs", "2", "--plain", **settings)
        assert (result.returncode, result.stderr) == (0, "")
        assert len(jobs.read_text().split()) == 2
    finally:
        for number in jobs.read_text().split() if jobs.exists() else ():
            try:
                os.killpg(int(number), signal.SIGKILL)
            except ProcessLookupError:
                continue
    assert dlrun("tune", sweep, "--studies", "here", "-q").returncode == 0
    assert results(tmp_path / "studies/search") == results(tmp_path / "here/search")


def test_what_a_cluster_cannot_do(dlrun: Dlrun, tmp_path: Path) -> None:
    median = write_sweep(tmp_path, "median.yaml", prune="median", name="median")
    for words, said in (
        ((median, "--executor", "dask"), "'median' is asked behind every epoch"),
        ((median, "--scheduler", "tcp://127.0.0.1:9"), "--scheduler needs --executor dask"),
        (
            (write_sweep(tmp_path), "--executor", "dask", "--scheduler", "nowhere://x"),
            "no dask scheduler answers",
        ),
        ((write_sweep(tmp_path), "--executor", "slurm"), "jobqueue.yaml"),
    ):
        result = dlrun("tune", *words)
        assert result.returncode == 2, result.stderr
        assert said in result.stderr
