"""A study and the place of its trials: the same as the leaderboard of the full reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from sweeps import write_sweep

import dlrun
from dlrun.collection.journal import Journal
from dlrun.summaries.run_summary import RunSummary
from dlrun.summaries.study_summary import StudySummary
from dlrun.summaries.trial_place import ranked, trial_place


def test_a_study_and_its_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sweep = write_sweep(tmp_path, repeats=2, search={"random": {"trials": 3}})
    study = dlrun.tune(sweep, jobs=1)
    rows = study.leaderboard.rows
    summary = dlrun.show("search")
    assert isinstance(summary, StudySummary)
    assert [(each.rank, each.trial) for each in summary.top] == [
        (row.rank, row.trial.number) for row in rows
    ]
    assert [each.values for each in summary.top] == [row.trial.suggestion for row in rows]
    assert (summary.ranked, summary.repeats, summary.entry.state) == (3, 2, "done")
    assert not any(each.path.startswith("trials") for each in summary.files.files)
    assert summary.steps[0].command == "dlrun study studies/search"
    middle = rows[1].trial.number
    run = dlrun.show(f"search#{middle}.2")
    assert isinstance(run, RunSummary)
    place = run.place
    assert place is not None
    assert (place.rank, place.ranked, place.trial, place.repeat) == (2, 3, middle, 1)
    assert [each.trial for each in place.neighbours] == [row.trial.number for row in rows]
    by = {each.key: each.by for each in run.given}
    assert by["optimizer.adam.lr"] == by["params.units"] == by["seed"] == "study"
    assert by["epochs"] == "spec"
    assert not any("resume" in each.command for each in run.steps)
    monkeypatch.chdir(run.entry.directory)  # named from inside
    again = dlrun.show(".")
    assert isinstance(again, RunSummary)
    assert again.place is not None
    assert again.place.rank == 2


def journal(*scores: float, way: str = "minimize") -> Journal:
    found = Journal()
    found.add({"event": "study", "identity": {"objective": {way: "validation.loss"}}})
    found.add({"event": "batch", "suggestions": [{"lr": n} for n in range(len(scores) + 1)]})
    for trial, score in enumerate(scores):
        outcome = {"status": "completed", "scores": {"validation.loss": score}}
        found.add({"event": "ended", "trial": trial, "repeat": 0, "epochs": 0, "outcome": outcome})
    return found


def test_equal_scores_share_a_rank() -> None:
    order = ranked(journal(0.3, 0.1 + 0.2, 0.5, 0.2))
    assert [(each.rank, each.trial) for each in order] == [(1, 3), (2, 0), (2, 1), (4, 2)]
    assert [each.trial for each in ranked(journal(0.3, 0.5, way="maximize"))] == [1, 0]


def test_the_neighbours_of_a_trial() -> None:
    found = journal(0.3, 0.4, 0.5, 0.2)
    assert [each.trial for each in trial_place("s", found, 3, 0).neighbours] == [3, 0]
    assert [each.trial for each in trial_place("s", found, 1, 0).neighbours] == [0, 1, 2]
    unfinished = trial_place("s", found, 4, 0)
    assert (unfinished.rank, unfinished.ranked, unfinished.neighbours) == (None, 4, ())


def test_several_objectives_have_no_order() -> None:
    found = Journal()
    goals = [{"minimize": "validation.loss"}, {"minimize": "cost.parameters"}]
    found.add({"event": "study", "identity": {"objective": goals}})
    assert ranked(found) == []
    assert trial_place("s", found, 0, 0).objective is None
