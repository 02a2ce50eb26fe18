"""``dlrun compare``: its tables, the plot, and the forms for programs."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from run_folders import write_run

import dlrun as package
from dlrun.cli.app import run


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def write(sides: int = 2, seeds: int = 3, **keys: object) -> None:
    for side in range(sides):
        for seed in range(seeds):
            path = Path("runs") / f"m{side}" / str(seed)
            losses = (9.0, 5.0 + 0.1 * seed - 0.01 * side * (seed + 5))
            write_run(path, losses, seed=seed, lr=0.01 * (side + 1), **keys)


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert run(["compare", *words]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("sides", [1, 2, 12])
@pytest.mark.parametrize("columns", [60, 80, 120])
def test_everything_fits_the_terminal(
    columns: int, sides: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    write(sides, a_key_with_a_name_that_is_long="a value that is quite long, too")
    text = printed(capsys, "--where", "name~m")
    assert max(map(len, text.splitlines())) <= columns
    assert "5.1 (4.8516 to 5.3545)" in text
    assert "A1 " in text
    words = " ".join(text.split())
    if sides == 1:
        assert "better" not in text
    if sides == 2:
        assert "B is better than A by 0.0600 (95 % interval 0.0352 to 0.0848, 3 pairs)" in words
        assert "optimizer.adam.lr" in text
    if sides == 12:
        assert "corrected for 11 comparisons" in words
        assert "4 more curves; use --plot for a picture of all" in words
        assert "... and 6 more runs; use --json" in text


def test_few_groups_have_a_column_each(capsys: pytest.CaptureFixture[str]) -> None:
    write(seeds=1)
    lines = printed(capsys, "runs/m0/0", "runs/m1/0").splitlines()
    assert lines[0].split() == ["A", "B"]
    assert [line.split() for line in lines if line.startswith("optimizer.adam.lr")] == [
        ["optimizer.adam.lr", "0.01", "0.02"]
    ]


def test_many_groups_have_a_row_each_and_what_does_not_fit_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    write(sides=5)
    lines = printed(capsys, "--where", "name~m").splitlines()
    assert lines[0].split() == ["runs", "seeds", "status", "validation.loss"]
    assert [line[0] for line in lines[1:6]] == list("ABCDE")
    assert lines[6] == "3 more columns: optimizer.adam.lr, validation.accuracy,"


def test_the_forms_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    write()
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "--where", "name~m", "--csv"))))
    assert [(row["group"], row["seeds"], row["optimizer.adam.lr"]) for row in rows] == [
        ("A", "0 1 2", "0.01"),
        ("B", "0 1 2", "0.02"),
    ]
    assert float(rows[0]["validation.loss.low"]) == pytest.approx(4.85159, abs=1e-5)
    found = json.loads(printed(capsys, "--where", "name~m", "--json"))
    assert found == json.loads(json.dumps(package.compare(where=["name~m"]).as_json()))
    assert found["tests"][0]["sentence"].startswith("B is better than A")
    text = printed(capsys, "--where", "name~m", "--md")
    assert text.startswith("|  | runs | seeds | status | validation.loss | optimizer.adam.lr |")
    assert "| B | 3 | 0 1 2 | done |" in text
    assert "B is better than A by" in text


def test_names_cannot_send_commands_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    for name in "ab":
        write_run(Path("runs") / "x\x1b[2J" / name, text=f"{name}<b>|\x1b[1m", **{"k\x1b[1m": name})
    for words in ((), ("--md",), ("--json",)):
        text = printed(capsys, "--where", "status=done", *words)
        assert "\x1b" not in text
        assert "<b>" not in text or "--md" not in words


def test_the_process_is_quick_and_draws_a_picture_only_when_asked(
    folder: Path, dlrun: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    write()
    done = dlrun("compare", "--where", "name~m", PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0
    assert "B is better than A" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "dlrun.summaries.compared" in imported
    assert not imported & {"matplotlib", "numba", "pandas"}
    assert run(["compare", "--where", "name~m", "--plot", "x.png", "--json"]) == 0
    assert Path("x.png").read_bytes().startswith(b"\x89PNG")


def test_an_error_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare"]) == 2
    error = "a comparison needs two runs or more; name them, or use --where\n"
    assert capsys.readouterr().err == error
