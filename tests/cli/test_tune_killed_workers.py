"""Studies on dask workers that are killed at random, against the same study in one process."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import DaskCluster
from killing import DASK, RUN, Killer
from sweeps import SPEC, journal, write_sweep
from waiting import wait_for

pytest.importorskip("distributed", reason="dask is missing: install dlrun[cluster] to test it")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]

Started = Callable[..., subprocess.Popen[str]]

FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
SMALL = {**SPEC, "epochs": 3}
OF_THE_CLOCK = ("seconds", "directory")
SLOW = 3000.0
"""Seconds; far more than needed, as other programs may have the processors."""


def events(study: Path, *names: str) -> list[dict[str, Any]]:
    return [each for each in journal(study) if each["event"] in names]


def outcomes(study: Path) -> dict[tuple[int, int, int], dict[str, Any]]:
    """What the journal says of each run that has ended, without times."""
    ended = events(study, "ended")
    found = {
        (each["trial"], each["repeat"], each["epochs"]): {
            key: value for key, value in each["outcome"].items() if key not in OF_THE_CLOCK
        }
        for each in ended
    }
    assert len(found) == len(ended)  # once each
    return found


def files(run: Path) -> dict[str, bytes | None]:
    """The files of a run; with their content if nothing in them depends on the time.

    How many checkpoints a run writes before its end depends on the time that they may take, so
    there may be a previous one or none.
    """
    exact = ("checkpoints/best.safetensors", "confusion.csv", "resolved.yaml", "split.csv")
    paths = {str(path.relative_to(run)): path for path in run.rglob("*") if path.is_file()}
    paths.pop("checkpoints/previous.safetensors", None)
    return {name: path.read_bytes() if name in exact else None for name, path in paths.items()}


def runs(study: Path) -> dict[str, dict[str, bytes | None]]:
    """The files of all run directories, by trial."""
    found = {path.name[:4]: files(path) for path in (study / "trials").iterdir()}
    assert len(found) == len(list((study / "trials").iterdir()))
    return found


def same(study: Path, whole: Path) -> None:
    """One study has the results of another, no run was blamed, and nothing is left over."""
    for name in FILES:
        assert (study / name).read_bytes() == (whole / name).read_bytes(), name
    assert outcomes(study) == outcomes(whole)
    decided = ("batch", "pruned", "promoted")
    assert events(study, *decided) == events(whole, *decided)
    assert not events(study, "crashed")
    assert runs(study) == runs(whole)
    assert {path.name for path in study.iterdir()} == {path.name for path in whole.iterdir()}
    for run in (study / "trials").iterdir():
        assert json.loads((run / "result.json").read_text())["epochs"] > 0


def alone(started: Started, sweep: Path) -> Path:
    """The directory of the same study, trained by one process."""
    process = started("tune", sweep, "--studies", "whole", "--jobs", "1", "-q", DLRUN_THREADS="1")
    out, err = process.communicate(timeout=SLOW)
    assert (process.returncode, err) == (0, ""), out
    return sweep.parent / "whole" / "search"


@pytest.mark.parametrize(
    ("trials", "workers", "mean", "keys"),
    [
        pytest.param(500, 8, 25, {}, id="500 trials"),
        pytest.param(60, 4, 10, {"prune": {"halving": {"min_epochs": 1}}}, id="halving"),
        pytest.param(40, 4, 8, {"search": {"bayes": {"trials": 40, "batch": 8}}}, id="bayes"),
    ],
)
def test_a_study_whose_workers_are_killed_has_the_results_of_one_process(
    started: Started, tmp_path: Path, trials: int, workers: int, mean: int, keys: dict[str, Any]
) -> None:
    sweep = write_sweep(tmp_path, spec=SMALL, **{"search": {"random": {"trials": trials}}, **keys})
    study = tmp_path / "studies" / "search"
    words = ("tune", sweep, "--executor", "dask", "--jobs", workers, "-q")
    process = started(*words, DLRUN_THREADS="1")
    killer = Killer(study, process.pid, seed=trials, mean=mean)
    killer.until_ended(process)
    out, err = process.communicate()
    assert (process.returncode, err) == (0, ""), out
    assert killer.kills[RUN] and killer.kills[DASK], killer.kills
    wait_for(lambda: not killer.left())
    assert events(study, "interrupted")
    assert Counter(key[0] for key in outcomes(study)).keys() == set(range(trials))
    same(study, alone(started, sweep))


def test_a_study_that_is_killed_while_its_workers_train_resumes(
    started: Started, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, spec=SMALL, search={"random": {"trials": 60}})
    study = tmp_path / "studies" / "search"
    with DaskCluster(tmp_path, 4) as cluster:
        words = ("tune", sweep, "--executor", "dask", "--jobs", "4", "-q")
        for least in (5, 25):
            process = started(*words, "--scheduler", cluster.address, DLRUN_THREADS="1")
            wait_for(lambda: len(events(study, "ended")) >= least, process)  # noqa: B023
            process.kill()
            process.communicate()
        process = started(*words, "--scheduler", cluster.address, DLRUN_THREADS="1")
        killer = Killer(study, cluster.workers.pid, seed=1, mean=1000)  # it only looks
        killer.until_ended(process)
        assert process.communicate() == ("", "")
        assert process.returncode == 0
        training = {number for number in killer.seen if number in killer.left()}
        wait_for(lambda: not _train(training))  # the dask workers stay, without them
    same(study, alone(started, sweep))


def _train(numbers: set[int]) -> list[int]:
    """Those of these processes that still exist and train."""
    found = []
    for number in numbers:
        line = Path(f"/proc/{number}/cmdline")
        if line.exists() and b"dlrun.study.executors.worker" in line.read_bytes():
            found.append(number)
    return found


def test_a_study_whose_scheduler_is_killed_resumes_with_another_one(
    started: Started, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, spec=SMALL, search={"random": {"trials": 60}})
    study = tmp_path / "studies" / "search"
    words = ("tune", sweep, "--executor", "dask", "--jobs", "4", "-q", "--scheduler")
    for least in (5, 25):
        with DaskCluster(tmp_path, 4) as cluster:
            process = started(*words, cluster.address, DLRUN_THREADS="1")
            wait_for(lambda: len(events(study, "ended")) >= least, process)  # noqa: B023
            cluster.scheduler.kill()
            _, err = process.communicate(timeout=SLOW)
        assert process.returncode == 2
        assert err == f"{cluster.address} is gone; run the same command again to resume\n"
    with DaskCluster(tmp_path, 4) as cluster:
        process = started(*words, cluster.address, DLRUN_THREADS="1")
        assert process.communicate(timeout=SLOW) == ("", "")
    assert process.returncode == 0
    same(study, alone(started, sweep))
