"""Damaged files of a run, through the command line: read, or refused in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from run_folders import write_folds, write_run

from dlrun.cli.app import run

LARGE = "1" + "0" * 400
"""A whole number that no float can hold."""
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "show": ("show", "RUN"),
    "report": ("report", "RUN", "--samples", "0"),
    "compare": ("compare", "RUN", "OTHER"),
    "watch": ("watch", "RUN", "--plain", "--interval", "0.1"),
}


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run next to a whole one."""
    monkeypatch.chdir(tmp_path)
    write_run(Path("runs/other/b"), lr=0.1)
    return write_run(Path("runs/moons/a"))


def refused(command: str, path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    named = {"RUN": str(path), "OTHER": "runs/other/b"}
    assert run([named.get(word, word) for word in COMMANDS[command]]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    return line


def put(file: Path, number: str, **values: str) -> None:
    """Replace values of a JSON file by a number as text."""
    text = json.dumps({**json.loads(file.read_text()), **dict.fromkeys(values, "@")})
    for value in values.values():
        text = text.replace('"@"', value.replace("@", number), 1)
    file.write_text(f"{text}\n")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("key", ["metrics", "seconds", "best_epoch"])
def test_a_number_that_no_float_can_hold(
    command: str, key: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = '{"validation.loss": @}' if key == "metrics" else "@"
    put(path / "result.json", LARGE, **{key: value})
    line = refused(command, path, capsys)
    assert re.match(r"runs/moons/a/result\.json: .* 10{19}\.\.\. is too large a number", line)


@pytest.mark.parametrize("name", ["environment.json", "tags.json"])
def test_such_a_number_in_other_files(
    name: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path / name).write_text('{"time": @, "tags": [@]}'.replace("@", LARGE))
    assert f"{name}: " in refused("show", path, capsys)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("epoch", each) for each in ("1e999", "9" * 5000, "nan", "-1", "0.5")),
        *(("step", each) for each in ("1e999", "nan")),
        *(("seconds", each) for each in ("1e999", "nan")),
    ],
)
@pytest.mark.parametrize("command", COMMANDS)
def test_counts_of_metrics(
    command: str, column: str, value: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = path / "metrics.csv"
    header, first, *rest = file.read_text().splitlines()
    cells = first.split(",")
    cells[header.split(",").index(column)] = value
    file.write_text("\n".join([header, ",".join(cells), *rest, ""]))
    line = refused(command, path, capsys)
    assert line.startswith("runs/moons/a/metrics.csv:2: ")
    assert f"in column '{column}'; the file is broken" in line


@pytest.mark.parametrize("column", ["epoch", "step", "seconds", "lr"])
def test_a_column_that_is_missing(
    column: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = path / "metrics.csv"
    file.write_text(file.read_text().replace(column, "other", 1))
    assert f"column '{column}' is missing" in refused("watch", path, capsys)


@pytest.mark.parametrize("count", ["-1", "9" * 400, "9" * 5000, "1.5"])
def test_counts_of_the_confusion_matrix(
    count: str, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (path / "confusion.csv").write_text(f"a,b\n{count},1\n2,3\n")
    assert "not a square table of counts" in refused("report", path, capsys)


@pytest.mark.parametrize("command", ["show", "report", "compare"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("metrics", "[]"),
        ("metrics", '{"validation.loss": "x"}'),
        ("folds", "5"),
        ("folds", "[1]"),
        ("folds", '[{"metrics": {"test.loss": []}}]'),
    ],
)
def test_scores_of_folds(
    command: str, key: str, value: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = write_folds(Path("runs/folds/c"), [(0.5,), (0.4,)])
    put(whole / "result.json", "", **{key: value})
    assert f"result.json: '{key}' must be" in refused(command, whole, capsys)
