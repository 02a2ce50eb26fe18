"""Population-based training, as commands: the same result for any workers and kills."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
import signal
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess, Popen
from typing import Any

import pytest
from sweeps import SPEC, journal, write_sweep
from torture import KILLED, Torture
from waiting import wait_for

from dlrun.api.study import Study
from dlrun.run_directory.directory import RunDirectory

Dlrun = Callable[..., CompletedProcess[str]]

MODEL = [{"dense": 8}, "batch_norm", "relu", {"dropout": 0.1}, {"dense": "${classes}"}]
KEYS: dict[str, Any] = {
    "spec": {
        **{key: value for key, value in SPEC.items() if key != "params"},
        "model": MODEL,
        "optimizer": {"sgd": {"lr": 0.01, "momentum": 0.9}},
        "schedule": "cosine",
        "epochs": 6,
    },
    "search": {"random": {"trials": 5}},
    "prune": {"population": {"every": 2, "fraction": 0.4}},
    "space": {
        "optimizer.sgd.lr": {"log_uniform": [1e-4, 1.0]},
        "model.3.dropout": {"uniform": [0.05, 0.5]},
    },
}
RESULTS = ("leaderboard.json", "leaderboard.csv", "leaderboard.md", "best.yaml")


def outcome(study: Path) -> dict[str, Any]:
    """All results of a study, and all weights and metrics of its runs, without names and times."""
    found: dict[str, Any] = {name: (study / name).read_bytes() for name in RESULTS}
    directories = {
        (each["trial"], each["repeat"]): each["directory"]
        for each in journal(study)
        if each["event"] == "started"
    }
    for key, name in sorted(directories.items()):
        run = study / "trials" / name
        weights = (run / "checkpoints" / "last.safetensors").read_bytes()
        columns = RunDirectory(run).metrics()
        columns.pop("seconds")
        found[str(key)] = (hashlib.sha256(weights).hexdigest(), columns)
    found["decisions"] = [
        {key: value for key, value in each.items() if key != "forks"}
        for each in journal(study)
        if each["event"] in ("batch", "generation")
    ]
    left = [each.name for each in study.rglob("*") if each.name.endswith(".tmp")]
    return {**found, "left": left, "runs": len(directories)}


@pytest.mark.slow
def test_one_and_two_workers_train_the_same_and_the_best_has_a_schedule(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, **KEYS)
    outputs = []
    for workers, folder in ((1, "one"), (2, "two")):
        result = dlrun("tune", sweep, "--jobs", str(workers), "--plain", "--studies", folder)
        assert (result.returncode, result.stderr) == (0, "")
        outputs.append(result.stdout)
    one, two = (tmp_path / folder / "search" for folder in ("one", "two"))
    assert outcome(one) == outcome(two)
    generations = [each for each in journal(one) if each["event"] == "generation"]
    assert [each["epochs"] for each in generations] == [2, 4]
    assert all(len(each["replaced"]) == len(each["forks"]) == 2 for each in generations)
    assert "trial 5 continues trial " in outputs[0]
    board = json.loads((one / "leaderboard.json").read_text())
    statuses = [each["status"] for each in board["trials"]]
    assert (statuses.count("completed"), statuses.count("pruned")) == (5, 4)
    rows = list(csv.DictReader((one / "leaderboard.csv").read_text().splitlines()))
    for each, row in zip(board["trials"], rows, strict=True):
        phases = each["schedule"]
        assert phases[0]["first"] == 1
        assert phases[-1]["trial"] == each["trial"]
        assert phases[-1]["last"] == each["epochs"]
        assert phases[-1]["settings"] == each["suggestion"]
        assert all(a["last"] + 1 == b["first"] for a, b in pairwise(phases))
        assert row["parent"] == str((each["continues"] or {"parent": ""})["parent"])
    # Two generations: some completed trial continues another one.
    forked = next(each for each in board["trials"] if len(each["schedule"]) > 1)
    shown = Study(one).schedule(forked["trial"])
    assert [each.settings for each in shown] == [each["settings"] for each in forked["schedule"]]
    assert (
        f"{forked['continues']['parent']} @ {forked['continues']['epochs']}"
        in dlrun("study", one, "--md").stdout
    )


@pytest.fixture(scope="module")
def torture() -> Iterator[Torture]:
    with Torture() as server:
        yield server


COMMAND = ("tune", "sweep.yaml", "--jobs", "1", "--quiet")

CALLS = {
    "a link to a checkpoint": ("os:link", (1, 2, 3, 5, 8)),
    "the journal": ("dlrun.study.store.journal:Journal.append", (9, 10, 15, 20, 21)),
    "a fork": ("dlrun.study.fork_runs:make_fork", (1, 2, 4)),
    "a rename": ("os:replace", (60, 75, 80, 85, 90, 95, 100, 110, 140)),
    "a write": ("os:write", (150, 180, 200, 210, 220, 230, 240, 300)),
    "a step": ("dlrun.inference.epoch_scores:Scores.add", (45, 52, 60, 70, 90)),
    "the scores at a rung": ("dlrun.training.session:evaluate", (5, 7, 8, 11)),
    "a result": ("dlrun.run_directory.directory:RunDirectory.finish", (5, 6, 10, 12)),
}
"""Where a study kills itself: a function, and which calls of it."""


@pytest.mark.slow
@pytest.mark.parametrize("what", CALLS)
def test_a_killed_study_ends_with_the_same_weights(
    what: str, tmp_path: Path, torture: Torture
) -> None:
    """A kill from the start, and another one after the study has been continued."""
    write_sweep(tmp_path, **KEYS)
    study = tmp_path / "studies" / "search"
    assert torture.run(tmp_path, *COMMAND) == 0
    expected = outcome(study)
    name, numbers = CALLS[what]
    kills = 0
    for number in numbers:
        shutil.rmtree(study)
        for _ in range(2):
            kills += torture.run(tmp_path, *COMMAND, call=(name, number)) == KILLED
        assert torture.run(tmp_path, *COMMAND) == 0, (tmp_path / "out.txt").read_text()[-2000:]
        assert outcome(study) == expected, number
    assert kills >= len(numbers)


@pytest.mark.slow
def test_a_study_with_several_workers_that_is_killed(
    dlrun: Dlrun, started: Callable[..., Popen[str]], tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, **KEYS, repeats=2)
    assert dlrun("tune", sweep, "--jobs", "1", "--studies", "whole", "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    for ends in (4, 10, 13, 20, 24):
        process = started("tune", sweep, "--jobs", "2", "-q")
        wait_for(
            lambda: sum(each["event"] == "ended" for each in journal(study)) >= ends,  # noqa: B023
            process,
        )
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert dlrun("tune", sweep, "--jobs", "2", "-q").returncode == 0
    assert outcome(study) == outcome(tmp_path / "whole" / "search")
