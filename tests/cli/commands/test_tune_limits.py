"""Studies that end by a budget or a rule, as processes and through the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from sweeps import SPEC, journal, write_sweep

from dlrun.cli.app import run

Dlrun = Callable[..., CompletedProcess[str]]
Started = Callable[..., Any]


def recorded(study: Path, event: str) -> list[dict[str, Any]]:
    return [record for record in journal(study) if record["event"] == event]


def test_a_budget_ends_a_study_and_says_so(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search="random", budget={"epochs": 11}, until={"patience": 50})
    result = dlrun("tune", sweep, "--jobs", "2", "--json")
    assert (result.returncode, result.stderr) == (0, "")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert events[0]["limits"] == ["budget  11 epochs", "until  50 trials without improvement"]
    end = events[-1]
    why = {"by": "budget.epochs", "reason": "8 of 11 epochs used, and trial 2 needs 4 more"}
    assert (end["status"], end["conclusion"], end["compared"]) == ("completed", why, None)
    assert [trial["number"] for trial in end["trials"]] == [0, 1]
    study = tmp_path / "studies" / "search"
    assert json.loads((study / "leaderboard.json").read_text())["conclusion"] == why
    assert recorded(study, "concluded") == [{"event": "concluded", "conclusion": why}]
    before = (study / "journal.jsonl").read_bytes()
    again = dlrun("tune", sweep)
    assert again.returncode == 0
    assert "ended by budget.epochs: 8 of 11 epochs used, and trial 2 needs 4 more" in again.stdout
    assert "next:" not in again.stdout
    assert (study / "journal.jsonl").read_bytes() == before


@pytest.mark.slow
def test_the_end_of_the_time_saves_runs_and_more_time_resumes_them(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    """The machine may be slow: how far the runs are at the end does not matter."""
    keys: dict[str, Any] = {"search": {"random": {"trials": 2}}, "spec": {**SPEC, "epochs": 10**6}}
    study = tmp_path / "studies" / "search"
    result = dlrun("tune", write_sweep(tmp_path, **keys, budget={"time": "6s"}), "--jobs", "1")
    assert result.returncode == 3
    assert "ended by budget.time: 6.0s used" in result.stdout
    assert [each["trial"] for each in recorded(study, "interrupted")] == [0]
    used = recorded(study, "time")[-1]["seconds"]
    assert used >= 6.0
    again = dlrun("tune", write_sweep(tmp_path, **keys, budget={"time": "6s"}), "--jobs", "1")
    assert again.returncode == 3 and len(recorded(study, "started")) == 1
    more = {"time": used + 4.0}
    result = dlrun("tune", write_sweep(tmp_path, **keys, budget=more), "--jobs", "1")
    assert len({each["directory"] for each in recorded(study, "started")}) == 1
    assert len(recorded(study, "started")) == 2


def test_the_first_failure_ends_a_study(dlrun: Dlrun, tmp_path: Path) -> None:
    grid: dict[str, Any] = {"search": "grid", "space": {"optimizer.sgd.lr": [1e-3, 1e30, 1e-2]}}
    sweep = write_sweep(tmp_path, **grid, spec={**SPEC, "optimizer": "sgd"}, fail_fast=True)
    result = dlrun("tune", sweep, "--jobs", "1")
    assert result.returncode == 3
    assert "ended by fail_fast: trial 1 failed: " in result.stdout
    started = recorded(tmp_path / "studies" / "search", "started")
    assert [each["trial"] for each in started] == [0, 1]


def test_suggestions_obey_the_limits(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = write_sweep(tmp_path, search="random", budget={"epochs": 9})
    study = tmp_path / "study"
    ask = ["suggest", str(sweep), "--out", str(study), "--numbered"]
    assert run(ask) == 0 and run(ask) == 0
    assert run(ask) == 5
    said = capsys.readouterr().err
    assert "(budget.epochs: 8 of 9 epochs used, and trial 2 needs 4 more); 2 not rep" in said
    assert run(["report-result", str(study), "0", "0.05"]) == 0
    assert run(["report-result", str(study), "1", "0.2"]) == 0
    assert run(ask) == 5
    assert json.loads((study / "leaderboard.json").read_text())["conclusion"] is not None
    write_sweep(tmp_path, search="random", budget={"epochs": 16}, until={"score": 0.1})
    capsys.readouterr()
    assert run(ask) == 0
    assert capsys.readouterr().out.startswith("2 ")
    assert run(["report-result", str(study), "2", "--failed", "lost"]) == 0
    assert run(ask) == 5
    assert "(until.score: trial 0 has reached validation.loss 0.1)" in capsys.readouterr().err
    timed = write_sweep(tmp_path, search="random", budget={"time": "4h"})
    assert run(["suggest", str(timed)]) == 2
    assert "'time' needs dlrun tune, which measures it" in capsys.readouterr().err
