from __future__ import annotations

import csv
import json
import math
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]


def test_the_curve_and_what_follows_from_it(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    result = dlrun("find-lr", spec())
    assert (result.returncode, result.stderr) == (0, "")
    first, *_, suggestion, table, picture = result.stdout.splitlines()
    assert " of 100 steps, learning rate from 1e-06 to " in first
    assert suggestion.startswith("suggestion  optimizer.adam.lr=")
    rate = float(suggestion.partition("=")[2])
    assert 1e-4 < rate < 1.0
    assert (table, picture) == ("find-lr/small.csv", "find-lr/small.png")
    assert (tmp_path / picture).read_bytes().startswith(b"\x89PNG")
    with (tmp_path / table).open(newline="") as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    assert first.startswith(f"{len(rows)} of ")
    assert list(rows[0]) == ["lr", "loss", "smoothed"]
    assert rows[0]["lr"] == 1e-6
    growth = (10 / 1e-6) ** (1 / 99)
    for row, following in pairwise(rows):
        assert following["lr"] / row["lr"] == pytest.approx(growth, rel=1e-9)
    assert {each.name for each in tmp_path.iterdir()} == {"spec.yaml", "find-lr"}


def test_the_suggestion_trains(dlrun: Dlrun, spec: Spec) -> None:
    path = spec(optimizer={"sgd": {"momentum": 0.9}})
    found = json.loads(dlrun("find-lr", path, "--json").stdout)
    assert math.isfinite(found["suggestion"])
    assert found["suggestion"] < found["least"]
    done = dlrun("train", path, f"optimizer.sgd.lr={found['suggestion']}", "epochs=10", "--json")
    losses = [json.loads(line)["row"]["train.loss"] for line in done.stdout.splitlines()[1:-1]]
    assert losses[-1] < 0.7 * losses[0]


def test_the_same_spec_gives_the_same_bytes_at_any_number_of_threads(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    path = spec(model=[{"dense": 300}, "relu", {"dense": 300}, {"dropout": 0.3}, {"dense": 3}])
    for threads in ("1", "3"):
        assert not dlrun("find-lr", path, "--into", threads, DLRUN_THREADS=threads).returncode
    for name in ("small.csv", "small.png"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "3" / name).read_bytes()


def test_the_options_say_the_range(dlrun: Dlrun, spec: Spec) -> None:
    words = ("--from", "1e-3", "--to", "0.1", "--steps", "30", "--json", "accumulate=2")
    found = json.loads(dlrun("find-lr", spec(), *words).stdout)
    assert len(found["rates"]) == 30
    assert found["rates"][0] == 1e-3
    assert found["rates"][-1] == pytest.approx(0.1)
    assert not found["diverged"]


def test_a_loss_that_never_falls_gives_no_suggestion(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    result = dlrun("find-lr", spec(), "--from", "1e-12", "--to", "1e-10")
    assert result.returncode == 0
    assert "no suggestion: the loss hardly falls; try another range" in result.stdout
    assert (tmp_path / "find-lr" / "small.png").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--from", "1", "--to", "0.1"], 2, "--from must be > 0 and < --to (got 1 and 0.1)"),
        (["--from", "0"], 2, "--from must be > 0 and < --to"),
        (["--steps", "5"], 2, "--steps must be at least 20 (got 5)"),
        (["optimizer.sgd.lr=1", "--from", "1e36", "--to", "1e38"], 3, "is NaN or infinite after "),
        (["optimizr=1"], 2, "unknown key 'optimizr'"),
    ],
)
def test_faults_leave_nothing(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    result = dlrun("find-lr", spec(), *words)
    assert (result.returncode, result.stdout) == (code, "")
    (line,) = result.stderr.splitlines()
    assert said in line
    assert not (tmp_path / "find-lr").exists()
