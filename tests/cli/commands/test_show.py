"""``dlrun show``: the page of a run and of a study, and the same as data."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from run_folders import write_run
from sweeps import SPEC, write_sweep

import dlrun as package
from dlrun.cli.app import run
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.tags import Tags, write_tags

HEAVY = ("matplotlib", "numba", "numpy", "pandas", "rich", "scipy")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["show", *words]) == 0
    return capsys.readouterr().out


def large(classes: int = 3, epochs: int = 40) -> Path:
    path = write_run(
        Path("runs") / "moons" / "r1",
        tuple(1 / (n + 1) for n in range(epochs)),
        early_stopping={"monitor": "validation.loss", "mode": "auto", "baseline": 0.5},
        ending="stopped",
    )
    names = [f"class {n}" for n in range(classes)]
    counts = [[10 * (a == b) + (a == 1 and b == 0) for b in range(classes)] for a in range(classes)]
    RunDirectory(path).write_confusion(names, counts)
    write_tags(path, Tags(("paper",), "of the\npaper"))
    return path


@pytest.mark.parametrize("columns", ["60", "80", "120"])
def test_a_page_fits_the_terminal(
    columns: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    large()
    text = printed(capsys, "latest")
    assert max(map(len, text.splitlines())) <= int(columns)
    words = " ".join(text.split())
    for part in (
        "status stopped: for a test advice resume with: dlrun resume runs/moons/r1 epochs",
        "best validation.loss 0.025 in epoch 40 (lower is better) baseline",
        "baseline 0.5 for validation.loss: the best epoch is better (0.475 apart) began",
        "note of the\\npaper directory",
        "class 1 1 10 0 class 2",
    ):
        assert part in words
    assert "resume:\n  dlrun resume runs/moons/r1\n" in text
    assert "\u28c0" in text  # braille


def test_many_classes_are_the_most_frequent_confusions(capsys: pytest.CaptureFixture[str]) -> None:
    large(classes=30)
    text = printed(capsys, "latest")
    sentence = "30 classes, 1 wrong answer; all counts are in confusion.csv"
    assert sentence in " ".join(text.split())
    assert "     1  class 1 as class 0\n" in text


def test_the_same_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    path = large()
    found = json.loads(printed(capsys, "moons@best", "--json"))
    summary = package.show(path)
    assert found == json.loads(json.dumps(summary.as_json()))
    assert (found["status"], found["best_epoch"], found["baseline"]) == ("stopped", 40, 0.5)
    assert len(found["curves"]["validation.loss"]) == 40
    assert found["confusion"]["counts"][1] == [1, 10, 0]


def test_an_encoding_without_braille(
    dlrun: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    large()
    done = dlrun("show", "latest", PYTHONIOENCODING="ascii", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert "|*" in done.stdout
    assert "\\u28" not in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "dlrun.summaries.run_summary" in imported
    assert not imported & set(HEAVY)


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    large()
    assert run(["show", "lates"]) == 2
    error = capsys.readouterr().err
    assert error == "lates: no such run directory; did you mean 'latest'?\n"


def test_a_study_and_the_run_of_a_trial(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package.tune(write_sweep(folder, search={"random": {"trials": 7}}, repeats=2), jobs=1)
    text = printed(capsys, "search")
    assert "objective  minimize validation.loss\n" in text
    assert "trials     7 of 7: 7 done, 0 failed, 0 running\n" in text
    assert (
        "the best 5 of 7 completed trials\nrank  trial  validation.loss  optimizer.adam.lr" in text
    )
    assert "  dlrun study studies/search\n" in text
    found = json.loads(printed(capsys, "search", "--json"))
    best = found["top"][0]
    assert (len(found["top"]), best["rank"]) == (5, 1)
    text = printed(capsys, f"search#{best['trial']}.2")
    title = f"study studies/search, trial {best['trial']}, run 2 of 2: rank 1 of 7\n"
    assert title in text
    assert f"{best['trial']} (this)" in text
    assert "params.units" in text and "(by the study)" in text
    by = f"dlrun tune, as trial {best['trial']} of the study studies/search"
    assert f"started by   {by}\n" in text
    assert "dlrun train spec.yaml" not in text
    place = json.loads(printed(capsys, f"search#{best['trial']}", "--json"))["study"]
    assert (place["rank"], len(place["neighbours"])) == (1, 2)


def test_a_cross_validation(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = {**SPEC["data"], "split": {"folds": 3}}
    found = package.cross_validate({**SPEC, "data": data, "epochs": 1})
    text = printed(capsys, "latest")
    assert "status       done: all 3 folds are done\n" in text
    low = found.scores["test.loss"].low
    assert low is not None
    assert f"test.loss            {found.scores['test.loss'].mean:.5g}  {low:.5g} to" in text
    assert "  dlrun train runs/small/" in text
    assert "fold         2\n" in printed(capsys, f"{found.path}/fold-2")
    rows = json.loads(printed(capsys, "latest", "--json"))["folds"]
    by_name = {row["name"]: row["values"] for row in rows}
    assert by_name["test.loss"] == [run.result["metrics"]["test.loss"] for run in found.folds]
    folds = [package.show(run.path).entry.best for run in found.folds]
    best = json.loads(printed(capsys, "latest", "--json"))["best"]
    assert best == pytest.approx(sum(each or math.nan for each in folds) / 3)
    assert f" {best:.5g}, mean of the folds (lower is better)\n" in text
