"""``dlrun watch``: what it shows, and the exit code."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from run_folders import ENDINGS, write_run
from studies import end, study
from sweeps import SPEC

import dlrun
from dlrun.cli.app import run
from dlrun.cli.display.terminal import Terminal
from dlrun.errors import InputError
from dlrun.following.run import RunFollower
from dlrun.run_directory.lock import Lock
from dlrun.study.store.job import Job

Started = Callable[..., Any]
CODES = {"done": 0, "early-stopped": 0, "stopped": 75, "diverged": 3}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_exit_code_is_that_of_the_training(
    ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write_run(Path("runs/moons/20261101-120000-aaaaaa"), ending=ending)
    assert run(["watch", "latest"]) == CODES[ending]
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "moons"
    assert out[3].startswith("epoch 1/2  train.loss 0.2500")
    assert any(line.startswith(f"{ENDINGS[ending][0]} after 2 epochs") for line in out)


def test_a_killed_run_says_how_to_resume_it(capsys: pytest.CaptureFixture[str]) -> None:
    path = write_run(Path("runs/moons/20261101-120000-aaaaaa"), ending=None)
    assert run(["watch", str(path), "--interval", "0.1"]) == 75
    assert f"resume with: dlrun resume {path}" in " ".join(capsys.readouterr().err.split())
    assert run(["watch", str(path), "--interval", "0.1", "--json"]) == 75
    *_, last = capsys.readouterr().out.splitlines()
    assert json.loads(last) == {"event": "run_killed", "done": 2, "directory": str(path)}


def test_a_run_that_was_killed_in_its_first_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    path = write_run(Path("runs/moons/20261101-120000-aaaaaa"), (), ending=None)
    assert run(["watch", str(path), "--interval", "0.1"]) == 75
    words = " ".join(capsys.readouterr().err.split())
    assert words.startswith(f"{path}: failed before the end of its first epoch: ")
    assert run(["runs", "--columns", "status"]) == 0
    assert capsys.readouterr().out.split() == ["status", "failed"]


def test_a_study_ends_with_its_leaderboard(capsys: pytest.CaptureFixture[str]) -> None:
    with study(Path(), search={"random": {"trials": 1}}) as ledger:
        values = {"optimizer.adam.lr": 0.01, "params.units": 4}
        ledger.record({"event": "batch", "suggestions": [values]})
        end(ledger, Job(0, 0), {"validation.loss": 0.25})
    assert run(["watch", "studies/search"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("search  minimize validation.loss  1 trial\nstudy directory  studies/")
    assert "completed after" in out
    assert out.endswith("study directory  studies/search\n")


def test_a_study_that_is_stopped(capsys: pytest.CaptureFixture[str]) -> None:
    with study(Path()):
        pass
    assert run(["watch", "sea"]) == 75
    assert "stopped after" in capsys.readouterr().out


def test_what_cannot_be_watched(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["watch", "none"]) == 2
    assert "none: does not exist" in capsys.readouterr().err
    with pytest.raises(InputError, match=r"at least 0\.1"):
        dlrun.watch("none", interval=0.0)


@pytest.mark.parametrize("seconds", ["inf", "1e300", "86401"])
def test_an_interval_of_more_than_a_day(seconds: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_run(Path("runs/moons/a"), ending=None)
    assert run(["watch", "latest", "--interval", seconds]) == 2
    error = "dlrun watch: --interval must be at most 86400 (see dlrun watch --help)\n"
    assert capsys.readouterr().err == error
    with pytest.raises(InputError, match=r"^--interval .*: must be at most 86,400 s$"):
        dlrun.watch("latest", interval=float(seconds))


def test_python_has_the_events() -> None:
    path = write_run(Path("runs/moons/20261101-120000-aaaaaa"))
    names = [type(event).__name__ for event in dlrun.watch(path)]
    assert names == ["RunStarted", "EpochEnded", "EpochEnded", "RunEnded"]


def test_it_ends_when_no_one_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_run(Path("runs/moons/20261101-120000-aaaaaa"), ending=None)
    lock = Lock.acquire(path)  # it would be followed for ever
    read, written = os.pipe()
    os.close(read)
    with os.fdopen(written, "w") as out:
        monkeypatch.setattr("dlrun.cli.commands.watch.Terminal", lambda: Terminal(out))
        assert run(["watch", str(path)]) == 0
    lock.release()


@pytest.mark.slow
def test_ctrl_c_leaves_the_training_alone(started: Started, folder: Path) -> None:
    spec = {**SPEC, "epochs": 1_000_000_000}
    (folder / "spec.yaml").write_text(json.dumps(spec))
    training = started("train", "spec.yaml")
    while not training.stdout.readline().startswith("epoch"):
        pass
    watching = started("watch", "latest", "--interval", "0.1", "--plain")
    while not watching.stdout.readline().startswith("epoch"):
        pass
    watching.send_signal(signal.SIGINT)
    assert watching.communicate(timeout=30)[1] == ""
    assert watching.returncode == 130
    assert training.poll() is None
    again = started("watch", "latest", "--interval", "0.1", "--json")
    while json.loads(again.stdout.readline())["event"] != "epoch":
        pass
    training.send_signal(signal.SIGTERM)
    training.communicate(timeout=30)
    out, err = again.communicate(timeout=30)
    ended = json.loads(out.splitlines()[-1])
    assert (again.returncode, err, ended["event"]) == (75, "", "run_ended")
    assert ended["ended_by"] == {"kind": "signal", "number": signal.SIGTERM}
    (path,) = (folder / "runs").glob("*/*")
    assert RunFollower(path).path == path


@pytest.mark.slow
def test_the_live_display_is_that_of_a_training(screen: Callable[..., Any]) -> None:
    path = write_run(Path("runs/moons/20261101-120000-aaaaaa"), ending=None)
    lock = Lock.acquire(path)
    shown = screen("watch", "latest", "--interval", "0.1")
    text = shown.read("step 5/5")
    assert "epoch 2/2" in text
    shown.process.send_signal(signal.SIGTERM)
    text = shown.read()
    lock.release()
    assert shown.process.wait() == 143
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")  # the cursor is visible again
