"""The report of a study."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from html_page import Page, opened
from page_studies import made, value_of
from sweeps import SPEC

import dlrun
from dlrun.errors import DataError
from dlrun.pages.study.page import study_page
from dlrun.study.store.directory import StudyDirectory


def report(path: Path) -> Page:
    return opened(study_page(StudyDirectory.open(path)))


def said(page: Page, section: str) -> str:
    return page.texts["section"][page.sections.index(section)]


def series(page: Page, chart: str) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in page.data[chart]["series"]}


def test_a_study(tmp_path: Path) -> None:
    path = made(tmp_path, failed=3)
    page, study = report(path), dlrun.Study(path)
    assert page.sections == [
        "study",
        "leaderboard",
        "convergence",
        "parallel",
        "slices",
        "importance",
        "claims",
        "environment",
        "sweep",
        "commands",
    ]
    assert "11 completed, 1 failed; 12 requested" in said(page, "study")
    assert "statedone" in said(page, "study")
    values = {trial.number: value_of(trial.suggestion) for trial in study.trials}
    del values[3]
    points = series(page, "convergence")
    assert points["completed"]["x"] == sorted(values)
    assert points["completed"]["y"] == pytest.approx([values[n] for n in sorted(values)], rel=1e-5)
    assert points["failed"]["x"] == [3]
    best = study.best
    assert best is not None
    assert points["best so far"]["y"][-1] == pytest.approx(values[best.trial], rel=1e-5)
    keys = [each["data-key"] for each in page.of("tr") if "data-key" in each]
    assert keys == [str(row.trial.number) for row in study.leaderboard.rows]
    assert "it <i>broke</i>" in said(page, "leaderboard")
    assert not page.of("i")
    lines = page.data["parallel-lines"]
    assert [each["label"] for each in lines["axes"]] == [
        "optimizer.adam.lr",
        "params.units",
        "validation.loss",
    ]
    assert [trial["number"] for trial in lines["trials"] if trial["best"]] == [best.trial]
    assert lines["trials"][-1]["number"] == best.trial  # on top
    assert lines["axes"][0]["scale"] == "log"
    assert lines["axes"][1]["names"] == ["4", "8", "16"]
    for score, shares in study.importance().items():
        assert score in said(page, "importance")
        assert all(f"{each.share:.2g}" in said(page, "importance") for each in shares.values())
    assert series(page, "slice-0")["best"]["y"] == pytest.approx([values[best.trial]], rel=1e-5)
    assert series(page, "curves")[f"trial {best.trial}, completed"]["color"] == "best"
    assert f"dlrun study {path}" in said(page, "commands")
    assert "CPython 3" in said(page, "environment")


def test_seeds_intervals_and_claims(tmp_path: Path) -> None:
    claim = {"better": {"params.units": 16}, "than": {"params.units": 4}}
    path = made(
        tmp_path,
        search="grid",
        space={"params.units": [4, 8, 16], "optimizer.adam.lr": [0.01, 0.1]},
        repeats=3,
        claims=[{"<b>more</b> units": claim}],
    )
    page = report(path)
    assert "validation.loss 95 % interval" in said(page, "leaderboard")
    assert "<b>more</b> units" in said(page, "claims")
    assert "holds" in said(page, "claims")
    assert "does not hold" not in said(page, "claims")


def test_several_objectives(tmp_path: Path) -> None:
    goals = [{"minimize": "validation.loss"}, {"maximize": "validation.accuracy"}]
    page = report(made(tmp_path, objectives=goals))
    front = series(page, "front-0-1")
    assert len(front["Pareto front"]["x"]) + len(front["dominated"]["x"]) == 12
    board = dlrun.Study(tmp_path / "studies/search").leaderboard
    assert board.volume is not None
    shares = series(page, "hypervolume")["hypervolume"]["y"]
    assert shares[:12] == pytest.approx(list(board.volume.growth.values()), rel=1e-5)
    assert "cost" not in page.data


def test_a_study_without_results(tmp_path: Path) -> None:
    from studies import study

    with study(tmp_path):
        pass
    page = report(tmp_path / "studies/search")
    assert "none yet; 6 requested" in said(page, "study")
    assert "statestopped" in said(page, "study")
    assert "No trial has a score" in said(page, "convergence")


def test_names_and_values_of_a_stranger_are_escaped(tmp_path: Path) -> None:
    bad = "</script><img src=x>"
    spec = {**SPEC, "params": {"units": 8, "word": "a"}}
    space = {"params.word": ["a", bad], "params.units": [4, 8]}
    page = report(made(tmp_path, search="grid", space=space, spec=spec))
    assert page.data["parallel-lines"]["axes"][0]["names"] == ["a", bad]
    assert bad in said(page, "leaderboard")
    assert not page.of("img")


def test_broken_runs_and_journals(tmp_path: Path) -> None:
    path = made(tmp_path)
    for run in (path / "trials").iterdir():
        (run / "environment.json").write_text("{")
    assert "no environment.json" in said(report(path), "environment")
    (path / "journal.jsonl").write_text('{"event": 1}\n')
    with pytest.raises(DataError, match=r"journal\.jsonl"):
        report(path)


@pytest.mark.slow
def test_many_trials_stay_small(tmp_path: Path) -> None:
    text = study_page(StudyDirectory.open(made(tmp_path, trials=120)))
    rows, fixed = 120, 90_000
    assert len(text) < fixed + 10_000_000 / 1_000 * rows
    page = opened(text)
    numbers = [y for each in page.data["curves"]["series"] for y in each["y"]]
    assert len(numbers) == 5 * 120
    assert all(math.isfinite(y) for y in numbers)
