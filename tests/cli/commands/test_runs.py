"""``dlrun runs``: the table, its columns, and the forms for programs."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from run_folders import write_run

import dlrun
from dlrun.cli.app import run
from dlrun.run_directory.tags import Tags, write_tags

HEAVY = ("matplotlib", "numba", "numpy", "pandas", "rich", "scipy", "yaml")
"""Pydantic is missing: typer imports it to convert the options of any command."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    for number, loss in enumerate((0.4, 0.2, 0.3)):
        time = f"2026-11-0{number + 1}T12:00:00Z"
        write_run(tmp_path / "runs" / "moons" / f"r{number}", (loss,), lr=loss, time=time)
    write_tags(tmp_path / "runs" / "moons" / "r1", Tags(("paper",), "=1+1"))
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["runs", *words]) == 0
    return capsys.readouterr().out


def ids(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines()[1:] if line.startswith("moons")]


def test_the_newest_is_first(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys)
    header = ["name", "id", "status", "age", "epochs", "validation.loss", "tag", "lr"]
    assert text.splitlines()[0].split() == header
    assert ids(text) == ["r2", "r1", "r0"]


def test_the_best_are_first_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, "--sort", "validation.loss", "--top", "2")
    assert ids(text) == ["r1", "r2"]
    assert text.splitlines()[-1] == "2 of 3 runs"
    assert printed(capsys, "--where", "status=killed") == "none of 3 runs\n"


def test_columns_that_do_not_fit_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "runs" / "moons" / "r3"
    write_run(
        path, lr=9.0, **{"a_key_with_a_name_that_is_long": 1, "another_key_with_a_long_name": 2}
    )
    write_run(folder / "runs" / "moons" / "r4", a_key_with_a_name_that_is_long=3)
    text = printed(capsys, "runs/moons", "--where", "a_key_with_a_name_that_is_long>0")
    assert max(map(len, text.splitlines()[:-2])) <= 80
    assert "1 more column: a_key_with_a_name_that_is_long; use --columns or --csv\n" in text
    monkeypatch.setenv("COLUMNS", "50")
    text = printed(capsys, "runs/moons", "--where", "a_key_with_a_name_that_is_long>0")
    assert max(map(len, text.splitlines()[3:])) <= 50
    assert "; use --columns or --csv 2 of 5 runs" in " ".join(text.splitlines())
    assert "a_key_with_a_name_that_is_long" in printed(
        capsys, "--columns", "id,a_key_with_a_name_that_is_long"
    )


@pytest.mark.parametrize("width", [60, 80, 140])
def test_long_names_do_not_break_lines(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    name = "a-long-name-of-an-experiment-with-digits-"
    for number in (1, 2):
        run_id = f"2026110{number}-120000-abcde{number}"
        time = f"2026-11-0{number}T12:00:00Z"
        write_run(folder / "runs" / f"{name}{number}" / run_id, time=time, lr=0.1 * number)
    monkeypatch.setenv("COLUMNS", str(width))
    text = printed(capsys, "--where", f"name~{name}")
    assert max(map(len, text.splitlines())) <= width
    header, *rows = text.splitlines()[:3]
    assert header.split()[:3] == ["name", "id", "status"] and "validation.loss" in header
    for row, number in zip(rows, (2, 1), strict=True):
        shown, run_id, status = row.split()[:3]
        begin, _, end = shown.partition("…")
        assert shown == name + str(number) if width == 140 else name.startswith(begin)
        assert shown.endswith(str(number)) and (end or width == 140)
        assert status == "done" and run_id.startswith("202611")
        assert run_id.endswith(f"e{number}")
    assert f"{name}1" in printed(capsys, "--columns", "name")  # what is asked for is whole


def test_the_epochs_of_a_cross_validation_are_those_of_its_folds(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / "runs" / "cv" / "a"
    write_run(path, (), ending=None, data={"split": {"folds": 2}})
    for fold in (1, 2):
        write_run(path / f"fold-{fold}", name="cv")
    rows = csv.DictReader(io.StringIO(printed(capsys, "--csv", "--all", "--where", "name=cv")))
    trained = {row["id"]: row["trained"] for row in rows}
    assert trained == {"a": "", "a/fold-1": "2", "a/fold-2": "2"}
    assert "cv/a: killed, 2 folds" in repr(dlrun.runs(where=["name=cv"]))


def test_forms_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "--csv", "--sort", "best"))))
    assert [row["id"] for row in rows] == ["r1", "r2", "r0"]
    assert (rows[0]["tag"], rows[0]["note"], rows[1]["note"]) == ("paper", "=1+1", "")
    assert rows[0]["validation.loss"] == "0.2"
    objects = json.loads(printed(capsys, "--json", "--columns", "id,optimizer.adam.lr,tag"))
    assert objects[1] == {"id": "r1", "optimizer.adam.lr": 0.2, "tag": ["paper"]}
    assert json.loads(printed(capsys, "--json", "--where", "id=x")) == []
    text = printed(capsys, "--md", "--columns", "id,note", "--where", "tag=paper")
    assert text == "| id | note |\n|---|---|\n| r1 | =1+1 |\n"


def test_settings_do_not_depend_on_what_is_selected(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ((), ("--where", "id=r1")):
        listed = json.loads(printed(capsys, "--json", *words))
        (one,) = (each for each in listed if each["id"] == "r1")
        assert one["spec"]["optimizer.adam.lr"] == 0.2
        assert ("optimizer.adam.lr" in one) == (not words)  # of those that differ
        rows = list(csv.DictReader(io.StringIO(printed(capsys, "--csv", *words))))
        (row,) = (each for each in rows if each["id"] == "r1")
        assert row["optimizer.adam.lr"] == "0.2"
        assert one["spec"].keys() <= row.keys()
    assert "spec" not in json.loads(printed(capsys, "--json", "--columns", "id"))[0]


def test_names_cannot_send_commands_to_the_terminal(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(folder / "runs" / "x\x1b[2J" / "a", name="\x1b]0;title\x07", text="<b>|\x1b[1m")
    write_run(folder / "runs" / "x\x1b[2J" / "b", name="\x1b]0;title\x07", text="`")
    for words in ((), ("--md",), ("--columns", "path,text")):
        assert "\x1b" not in printed(capsys, *words)
    assert "<b>" not in printed(capsys, "--md")


def test_a_wrong_condition_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["runs", "--where", "optimizer.adm.lr<1"]) == 2
    expected = (
        "optimizer.adm.lr<1: no run has 'optimizer.adm.lr'; did you mean 'optimizer.adam.lr'?\n"
    )
    assert capsys.readouterr().err == expected
    assert run(["runs", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("nowhere: no such folder")


def test_the_process_imports_nothing_heavy(
    folder: Path, dlrun: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = dlrun("runs", "--where", "optimizer.adam.lr<1", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert ids(done.stdout) == ["r2", "r1", "r0"]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "dlrun.collection.collect" in imported
    assert not imported & set(HEAVY)
