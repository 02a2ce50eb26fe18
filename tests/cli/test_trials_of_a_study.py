"""All commands say the same of the trials of a study: how many there are, and which is best."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

import dlrun as package
from dlrun.collection.collect import read_entry
from dlrun.collection.study_entry import StudyEntry

Dlrun = Callable[..., subprocess.CompletedProcess[str]]

STUDY = Path("studies") / "search"


def listed(folder: Path) -> StudyEntry:
    """The study as ``dlrun runs`` reads it."""
    found = read_entry(folder / STUDY)
    assert isinstance(found, StudyEntry)
    return found


def leaderboard(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / STUDY / "leaderboard.json").read_text())
    return found


def test_with_fewer_trials_the_others_are_named(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 6}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    whole = leaderboard(tmp_path)
    assert whole["left_out"] == []
    result = dlrun("tune", sweep, "search.random.trials=2", "--plain")
    assert result.returncode == 0
    board = leaderboard(tmp_path)
    assert board["left_out"] == [2, 3, 4, 5] and len(board["trials"]) == 2
    line = "because the sweep asks for fewer trials now: trials 2 to 5."
    assert line in " ".join(result.stdout.split())
    entry, page = listed(tmp_path), dlrun("show", STUDY).stdout
    assert (entry.trials, entry.planned, entry.done) == (2, 2, 2)
    assert entry.best_trial == board["winner"]
    assert "2: 2 done, 0 failed, 0 running" in page
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert leaderboard(tmp_path) == whole


def test_suggestions_beyond_the_trials_are_not_counted(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"bayes": {"trials": 3, "batch": 2, "start": 3}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    entry, page = listed(tmp_path), dlrun("show", STUDY).stdout
    assert (entry.trials, entry.planned, entry.done) == (3, 3, 3)
    assert "3: 3 done, 0 failed, 0 running" in page


@pytest.mark.parametrize(
    ("search", "prune"),
    [("random", None), ("bayes", None), ("sobol", "asha"), ("bayes", "freeze_thaw")],
)
def test_a_space_that_ends_before_the_trials(
    dlrun: Dlrun, tmp_path: Path, search: str, prune: str | None
) -> None:
    space, keys = {"optimizer.adam.lr": [0.001, 0.01, 0.1]}, {"prune": prune}
    sweep = write_sweep(tmp_path, search={search: {"trials": 8}}, space=space, **keys)
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 0
    assert "space: all of its values have been tried" in result.stdout
    entry, page = listed(tmp_path), dlrun("show", STUDY).stdout
    assert (entry.state, entry.trials, entry.done) == ("done", 3, 3)
    assert "3 of 8: 3 done" in page
    assert dlrun("watch", STUDY, "-q").returncode == 0
    before = (tmp_path / STUDY / "journal.jsonl").read_text()
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert (tmp_path / STUDY / "journal.jsonl").read_text() == before
    wider = {"optimizer.adam.lr": [0.001, 0.01, 0.1, 0.03]}
    sweep = write_sweep(tmp_path, search={search: {"trials": 8}}, space=wider, **keys)
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert len(leaderboard(tmp_path)["trials"]) == 4


@pytest.mark.parametrize("lost", ["empty", "missing"])
def test_a_study_whose_journal_is_lost_does_not_begin_again(
    dlrun: Dlrun, tmp_path: Path, lost: str
) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 2}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    journal = tmp_path / STUDY / "journal.jsonl"
    journal.write_text("") if lost == "empty" else journal.unlink()
    runs = sorted((tmp_path / STUDY / "trials").iterdir())
    result = dlrun("tune", sweep, "-q")
    assert result.returncode == 2
    assert "journal.jsonl is missing or empty, but trials holds 2 runs" in result.stderr
    assert sorted((tmp_path / STUDY / "trials").iterdir()) == runs
    for command in ("study", *(["show", "report"] if lost == "empty" else [])):
        assert dlrun(command, STUDY).returncode == 2


def test_scores_of_the_test_set_come_at_the_end(dlrun: Dlrun, tmp_path: Path) -> None:
    data = {**SPEC["data"], "split": {"validation": 0.3, "test": 0.2}}
    sweep = write_sweep(tmp_path, spec={**SPEC, "data": data}, search={"random": {"trials": 2}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    enqueued = dlrun("study", STUDY, "--enqueue", "optimizer.adam.lr=0.05")
    assert enqueued.returncode == 0
    text = " ".join(dlrun("study", STUDY).stdout.split())
    assert "Scores on the test set are shown when the study has ended." in text
    assert "Set data.split.test" not in text


def test_trials_that_are_not_trained_or_continue_others_were_not_requested(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    keys: dict[str, Any] = {"space": {"params.units": {"integer": [2, 60]}}}
    limited = write_sweep(
        tmp_path,
        search={"random": {"trials": 6}},
        objectives=[{"maximize": "validation.accuracy"}, {"minimize": "cost.parameters"}],
        limits=["cost.parameters <= 150"],
        repeats=2,
        **keys,
    )
    result = dlrun("tune", limited, "--plain")
    assert result.returncode == 0
    statuses = Counter(each["status"] for each in leaderboard(tmp_path)["trials"])
    untrained = statuses["infeasible"]
    assert statuses == {"completed": 6, "infeasible": untrained} and untrained
    entry = listed(tmp_path)
    assert (entry.state, entry.trials, entry.planned, entry.done) == ("done", 6, 6, 6)
    assert "6 of 6: 6 done, 0 failed, 0 running" in dlrun("show", STUDY).stdout
    page = package.report(tmp_path / STUDY)
    assert f"6 completed, {untrained} infeasible; 6 requested" in page
    assert "Pareto front" in page and "best: trial" not in page
    names = "the front (no significant paired differences over 2 seeds): trial"
    assert names in " ".join(result.stdout.split())

    forked = write_sweep(
        tmp_path,
        name="forked",
        search={"random": {"trials": 4}},
        prune={"population": {"every": 1}},
        space={"optimizer.adam.lr": {"log_uniform": [1e-3, 1e-1]}},
    )
    assert dlrun("tune", forked, "-q").returncode == 0
    assert "; 4 requested" in package.report(tmp_path / "studies" / "forked")


def test_a_sweep_that_its_prior_studies_do_not_allow_leaves_nothing(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    assert dlrun("tune", write_sweep(tmp_path), "-q").returncode == 0
    space = {"optimizer.adam.lr": [0.9, 0.8]}
    keys: dict[str, Any] = {"search": "grid", "space": space, "from": "studies/search"}
    result = dlrun("tune", write_sweep(tmp_path, name="other", **keys))
    assert result.returncode == 2 and "is in this space" in result.stderr
    assert [each.name for each in (tmp_path / "studies").iterdir()] == ["search"]
    assert "not runs or studies" not in dlrun("runs", "studies").stderr
