"""``dlrun tune --executor slurm``, on a real Slurm of one node, and the script for sbatch."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import slurm as slurm_on_this_machine
from slurm import Slurm, settings
from sweeps import SPEC, journal, write_sweep
from torture import outcome
from waiting import wait_for

pytest.importorskip("distributed", reason="dask is missing: install dlrun[cluster] to test it")
pytest.importorskip("dask_jobqueue", reason="dask is missing: install dlrun[cluster] to test it")

MISSING = slurm_on_this_machine.missing()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(MISSING is not None, reason=f"Slurm cannot be run: {MISSING}"),
]

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Started = Callable[..., Any]

TUNE = ("tune", "sweep.yaml", "--executor", "slurm", "--plain", "--jobs")
FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
BATCH = Path(__file__).parents[2] / "experiments" / "batch"
WAIT = 900.0
"""Seconds, far more than needed, as other programs may have the processors."""
STORED = {"every": {"epochs": 50}, "share": 1}
"""Soon, but not so often that all the time goes into bringing files to the disk."""


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    with Slurm(tmp_path_factory.mktemp("slurm")) as cluster:
        yield cluster


@pytest.fixture
def jobs(slurm: Slurm, tmp_path: Path) -> Iterator[Mapping[str, str]]:
    """The environment of a study whose jobs are small; whatever it leaves is cancelled."""
    assert slurm.jobs() == []
    yield settings(tmp_path, slurm)
    slurm.says("scancel", "--user=root")
    wait_for(lambda: not slurm.jobs())


def long(folder: Path, epochs: int) -> Path:
    """Writes a sweep of two trials, whose checkpoints come soon."""
    spec = {**SPEC, "epochs": epochs, "checkpoint": STORED}
    write_sweep(folder, spec=spec, search={"random": {"trials": 2}})
    return folder / "studies" / "search"


def events(study: Path, name: str) -> list[dict[str, Any]]:
    return [each for each in journal(study) if each["event"] == name]


def stored(study: Path) -> bool:
    """Whether a run has a checkpoint to resume from."""
    return any(study.glob("trials/*/checkpoints/last.safetensors"))


def same_as_here(dlrun: Dlrun, study: Path) -> None:
    """The leaderboard is that of a study of this machine, and no run was blamed."""
    assert dlrun("tune", "sweep.yaml", "--studies", "here", "-q").returncode == 0
    for name in FILES:
        assert (study / name).read_bytes() == (study.parents[1] / "here/search" / name).read_bytes()
    assert not events(study, "crashed")


def test_results_are_those_of_this_machine(
    dlrun: Dlrun, slurm: Slurm, tmp_path: Path, jobs: Mapping[str, str]
) -> None:
    write_sweep(tmp_path)
    result = dlrun(*TUNE, "2", **{**jobs, "DASK_JOBQUEUE__SLURM__CORES": "2"})
    assert (result.returncode, result.stderr) == (0, "")
    assert "2 workers with 2 threads each" in result.stdout  # of a job, whatever this machine has
    study = tmp_path / "studies" / "search"
    assert len(list(study.glob("jobs/*.log"))) == 2
    (environment, *_) = study.glob("trials/*/environment.json")
    assert '"threads": 2' in environment.read_text()
    wait_for(lambda: not slurm.jobs())
    same_as_here(dlrun, study)


def test_a_job_whose_time_is_over_is_replaced(
    started: Started, slurm: Slurm, tmp_path: Path, jobs: Mapping[str, str]
) -> None:
    study = long(tmp_path, epochs=1_000_000)
    process = started(*TUNE, "1", **jobs)
    wait_for(lambda: stored(study), process)
    (metrics,) = study.glob("trials/*/metrics.csv")
    row = metrics.read_text().splitlines()[1]
    (first,) = slurm.jobs("RUNNING")
    # The shortest limit is a minute, but how long a job still has can be changed.
    slurm.says("scontrol", "update", f"JobId={first}", "EndTime=now+1")
    wait_for(lambda: events(study, "interrupted"), process)
    wait_for(lambda: len(events(study, "started")) == 2, process)
    (second,) = slurm.jobs("RUNNING")
    assert second != first
    rows = len(metrics.read_text().splitlines())
    wait_for(lambda: len(metrics.read_text().splitlines()) > rows + 10, process)
    assert metrics.read_text().splitlines()[1] == row  # with its seconds: it is not trained again
    slurm.stop_controller()
    slurm.start_controller()
    # One signal ends it, and leaves no job.
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (75, ""), out
    assert f"its Slurm job {first} ended with state TIMEOUT; it will resume from its last" in out
    wait_for(lambda: not slurm.jobs())
    assert not events(study, "crashed")


def test_a_job_that_is_cancelled_is_replaced_and_changes_no_result(
    dlrun: Dlrun, started: Started, slurm: Slurm, tmp_path: Path, jobs: Mapping[str, str]
) -> None:
    study = long(tmp_path, epochs=3000)
    process = started(*TUNE, "1", **jobs)
    wait_for(lambda: stored(study), process)
    (first,) = slurm.jobs("RUNNING")
    slurm.says("scancel", str(first))
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (0, ""), out
    assert f"its Slurm job {first} ended with state CANCELLED; it will resume from its last" in out
    wait_for(lambda: not slurm.jobs())
    same_as_here(dlrun, study)


def test_one_signal_ends_it_while_no_job_begins(
    started: Started, slurm: Slurm, tmp_path: Path, jobs: Mapping[str, str]
) -> None:
    write_sweep(tmp_path)
    slurm.says("scontrol", "update", "PartitionName=main", "State=DOWN")
    try:
        process = started(*TUNE, "2", **jobs)
        wait_for(lambda: len(slurm.jobs("PENDING")) == 2, process)
        lines = iter(process.stdout.readline, "")
        line = next(line for line in lines if line.startswith("waiting for Slurm: job "))
        assert "is pending (PartitionDown)" in line
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT) == 75
        assert slurm.jobs() == []
    finally:
        slurm.says("scontrol", "update", "PartitionName=main", "State=UP")


def test_jobs_that_cannot_start_end_with_their_own_words(
    dlrun: Dlrun, slurm: Slurm, tmp_path: Path, jobs: Mapping[str, str]
) -> None:
    write_sweep(tmp_path)
    python = {"DASK_JOBQUEUE__SLURM__PYTHON": "/nowhere/python"}
    result = dlrun(*TUNE, "1", **jobs, **python)
    (line,) = result.stderr.splitlines()
    assert result.returncode == 2
    assert line.startswith("3 Slurm jobs in a row ended before their worker connected")
    assert "is FAILED (NonZeroExitCode)" in line
    assert "/nowhere/python: No such file" in line
    assert slurm.jobs() == []


def test_a_job_that_slurm_refuses_is_a_line(
    dlrun: Dlrun, tmp_path: Path, jobs: Mapping[str, str]
) -> None:
    write_sweep(tmp_path)
    result = dlrun(*TUNE, "1", **jobs, DASK_JOBQUEUE__SLURM__QUEUE="nowhere")
    (line,) = result.stderr.splitlines()
    assert result.returncode == 2
    assert line.startswith("Slurm rejects the job: sbatch: ")
    assert "invalid partition" in line.lower()


def test_the_script_goes_back_into_the_queue_when_its_time_is_nearly_over(
    dlrun: Dlrun, slurm: Slurm, spec: Callable[..., Path], tmp_path: Path
) -> None:
    spec(epochs=3000, checkpoint=STORED)
    program = tmp_path / "bin" / "dlrun"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m dlrun "$@"\n')
    program.chmod(0o755)
    shutil.copy(BATCH / "train.sbatch", tmp_path)
    path = f"{program.parent}:{slurm.variables['PATH']}"
    job = slurm.says("env", f"PATH={path}", "sbatch", "--parsable", f"--chdir={tmp_path}",
                     "--cpus-per-task=1", "train.sbatch", "spec.yaml")  # fmt: skip
    wait_for(lambda: any(tmp_path.glob("runs/small/*/checkpoints/last.safetensors")))
    slurm.says("scancel", "--signal=USR1", job)  # as Slurm does five minutes before the end
    # It waits there for a while; then the same job begins again.
    wait_for(lambda: slurm.says("squeue", "-h", "-j", job, "-o", "%T") == "PENDING")
    wait_for(lambda: not slurm.jobs())
    assert "ExitCode=0:0" in slurm.says("scontrol", "show", "job", job)
    text = (tmp_path / f"dlrun-{job}.log").read_text()
    assert "resuming after" in text
    (run,) = tmp_path.glob("runs/small/*")
    assert dlrun("train", "spec.yaml", "--runs", "whole", "-q").returncode == 0
    (whole,) = tmp_path.glob("whole/small/*")
    assert outcome(run) == outcome(whole)
