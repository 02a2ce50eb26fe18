"""``dlrun suggest`` and ``dlrun report-result``: a study whose runs a shell script trains."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, journal, write_sweep

from dlrun.following.study import StudyFollower
from dlrun.study.events import JobNoted

Dlrun = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "spec.yaml"
    path.write_text(json.dumps(SPEC))
    return path


def ask(dlrun: Dlrun, study: Path | str, *more: str) -> dict[str, Any]:
    result = dlrun("suggest", study, "--json", *more)
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.slow
def test_a_study_by_hand_is_the_study_that_tune_runs(
    dlrun: Dlrun, tmp_path: Path, spec: Path
) -> None:
    sweep = write_sweep(tmp_path, spec="spec.yaml", search={"random": {"trials": 3}})
    study = tmp_path / "by-hand"
    for number in range(3):
        printed = dlrun("suggest", sweep, "--out", study, "--numbered")
        run, *overrides = printed.stdout.split()
        assert run == str(number)
        runs = tmp_path / "runs" / run
        assert dlrun("train", spec, *overrides, "-q", "--runs", runs).returncode == 0
        (directory,) = runs.glob("*/*")
        assert dlrun("report-result", study, run, "--from", directory).returncode == 0
    assert dlrun("suggest", study).returncode == 5
    kinds = [record["event"] for record in journal(study)]
    assert kinds.count("circumstances") == 1, "all runs were trained on this machine"
    assert dlrun("tune", sweep, "-q").returncode == 0
    tuned = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    found = json.loads((study / "leaderboard.json").read_text())
    for each in (*tuned["trials"], *found["trials"]):
        del each["cost"], each["reason"]
    assert found == tuned
    best = [path / "best.yaml" for path in (study, tmp_path / "studies/search")]
    assert best[0].read_text() == best[1].read_text()


def test_what_is_said_of_a_study_that_other_programs_train(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 2}})
    study = tmp_path / "by-hand"
    first = ask(dlrun, sweep, "--out", str(study))
    assert dlrun("report-result", study, first["run"], "--lost").returncode == 0
    assert "to continue it, run dlrun suggest" in dlrun("show", study).stdout
    again = ask(dlrun, study)
    assert again["run"] == first["run"]
    follower = StudyFollower(study)
    noted = [event.text for event in follower.poll() if isinstance(event, JobNoted)]
    assert noted == ["its result is lost; it is suggested again"]


def test_a_run_with_other_settings_is_refused(dlrun: Dlrun, tmp_path: Path, spec: Path) -> None:
    space = {"optimizer": [{"adam": {"lr": 0.01}}, {"sgd": {"lr": 0.1}}], "params.units": [4, 8]}
    sweep = write_sweep(tmp_path, spec="spec.yaml", search="grid", space=space)
    study = tmp_path / "by-hand"
    names, runs = [], []
    for number in range(2):
        run, *overrides = dlrun("suggest", sweep, "--out", study, "--numbered").stdout.split()
        runs.append(run)
        folder = tmp_path / "runs" / str(number)
        more = ("epochs=1",)  # how long to train is not a setting of the study
        assert dlrun("train", spec, *overrides, *more, "-q", "--runs", folder).returncode == 0
        names += folder.glob("*/*")
    before = (study / "journal.jsonl").read_text()
    result = dlrun("report-result", study, runs[0], "--from", names[1])
    assert result.returncode == 2
    assert ": trained with " in result.stderr and " instead of " in result.stderr
    assert f"so it is not run {runs[0]} of this study" in result.stderr
    assert (study / "journal.jsonl").read_text() == before
    overrides = ["optimizer.adam.lr=0.01", "params.units=4", "epochs=1", "-q"]
    other = ["data.source.blobs.samples=150", "--runs", str(tmp_path / "other")]
    assert dlrun("train", spec, *overrides, *other).returncode == 0
    (run,) = (tmp_path / "other").glob("*/*")
    result = dlrun("report-result", study, runs[0], "--from", run)
    assert result.returncode == 2
    assert f"{run}: trained with other values of the data, so it is not run" in result.stderr
    for run, directory in zip(runs, names, strict=True):
        assert dlrun("report-result", study, run, "--from", directory).returncode == 0


@pytest.mark.slow
def test_values_from_the_command_line(dlrun: Dlrun, tmp_path: Path) -> None:
    objective = {"maximize": "validation.accuracy"}
    sweep = write_sweep(tmp_path, objective=objective, search={"bayes": {"trials": 8, "start": 3}})
    study = "studies/search"
    for number, words in enumerate((["0.5"], ["-0.25"], ["validation.accuracy=0.75"])):
        assert ask(dlrun, sweep)["run"] == str(number)
        result = dlrun("report-result", study, str(number), *words)
        assert (result.returncode, result.stderr) == (0, "")
    assert ask(dlrun, study)["trial"] == 3
    assert dlrun("report-result", study, "3", "--failed", "the node is gone").returncode == 0
    board = json.loads(dlrun("study", study, "--json").stdout)
    assert board["winner"] == 2
    assert [each["trial"] for each in board["trials"]] == [2, 0, 1, 3]
    assert board["trials"][-1]["reason"] == "the node is gone"
    assert dlrun("study", study).returncode == 0


@pytest.mark.slow
def test_every_shell_gets_another_run(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 5}})

    def work(_: int) -> str:
        asked = ask(dlrun, sweep)
        done = dlrun("report-result", "studies/search", asked["run"], "0.5")
        assert (done.returncode, done.stderr) == (0, "")
        return str(asked["run"])

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(work, range(5))) == [str(number) for number in range(5)]
    records = journal(tmp_path / "studies" / "search")
    assert sum(each["event"] == "ended" for each in records) == 5
    assert records[0]["event"] == "study"


@pytest.mark.slow
def test_repeats_are_runs_of_their_own(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, repeats=2, search={"random": {"trials": 2}})
    asked = [ask(dlrun, sweep) for _ in range(4)]
    assert [each["run"] for each in asked] == ["0-1", "0-2", "1-1", "1-2"]
    assert [each["settings"]["seed"] for each in asked] == [3, 4, 3, 4]
    done = dlrun("suggest", sweep)
    assert (done.returncode, done.stdout) == (5, "")
    assert "not reported yet: 0-1, 0-2, 1-1, 1-2" in done.stderr


@pytest.mark.slow
def test_a_lost_run_is_handed_out_anew(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path)
    first, second = ask(dlrun, sweep), ask(dlrun, sweep)
    assert dlrun("report-result", "studies/search", first["run"], "--lost").returncode == 0
    assert ask(dlrun, sweep) == first
    assert ask(dlrun, sweep)["trial"] == second["trial"] + 1


@pytest.mark.slow
def test_who_began_a_study_goes_on_with_it(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path)
    ask(dlrun, sweep)
    result = dlrun("tune", sweep)
    assert result.returncode == 2
    assert "begun by dlrun suggest and dlrun report-result" in result.stderr
    assert dlrun("suggest", tmp_path).returncode == 2
    pruned = write_sweep(tmp_path, "other.yaml", prune="halving", name="other")
    result = dlrun("suggest", pruned)
    assert result.returncode == 2
    assert "'prune' needs dlrun tune" in result.stderr
