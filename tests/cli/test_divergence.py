"""Divergence and its way back, through the command line as a process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

STEEP: dict[str, Any] = {
    "epochs": 4,
    "optimizer": {"sgd": {"lr": 0.1}},
    "schedule": {"step": {"every": 2, "gamma": 1e20}},
}


def result_of(run: Path) -> Any:
    return json.loads((run / "result.json").read_text())


def test_the_layer_is_named(dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]) -> None:
    result = dlrun("train", spec(**STEEP))
    assert (result.returncode, result.stderr) == (3, "")
    ended = result_of(only_run())
    assert "the output of dense_" in ended["reason"] and ended["reason"] in result.stdout
    assert (ended["weights"], ended["best_epoch"]) == ("best", 2)


def test_detect_names_the_first_layer(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    result = dlrun("train", spec(**STEEP), "--detect-anomaly")
    assert result.returncode == 3
    assert "diverged after 2 epochs" in result.stdout
    assert result_of(only_run())["reason"].startswith(
        "the output of dense_2 became -inf in epoch 3, step 13, "
    )


def test_detect_changes_no_result(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    for flags in ([], ["--detect-anomaly"]):
        assert dlrun("train", spec(), "-q", "--runs", f"runs{len(flags)}", *flags).returncode == 0
    weights = {
        each.read_bytes() for each in tmp_path.glob("runs?/*/*/checkpoints/last.safetensors")
    }
    assert len(weights) == 1


def test_detect_and_profile_get_in_each_others_way(dlrun: Dlrun, spec: Spec) -> None:
    result = dlrun("train", spec(), "--detect-anomaly", "--profile")
    assert (result.returncode, result.stdout) == (2, "")
    assert "leave out one of them" in result.stderr


def test_a_restart_is_a_line_and_an_event(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    path = spec(**STEEP, on_divergence={"lr_factor": 1e-20, "attempts": 1})
    plain = dlrun("train", path, "--runs", "plain")
    assert plain.returncode == 0
    (line,) = [each for each in plain.stdout.splitlines() if each.startswith("diverged: ")]
    assert line.endswith(
        "restarting from epoch 2 with 1e-20 times the learning rate, attempt 1 of 1"
    )
    (log,) = tmp_path.glob("plain/*/*/log.txt")
    assert line in log.read_text()
    events = [json.loads(each) for each in dlrun("train", path, "--json").stdout.splitlines()]
    assert [each["event"] for each in events] == [
        *("run_started", "epoch", "epoch", "restarted", "epoch", "epoch", "run_ended")
    ]
    assert (events[3]["epoch"], events[3]["attempt"], events[3]["lr_factor"]) == (2, 1, 1e-20)


@pytest.mark.slow
def test_a_restart_on_a_terminal(screen: Callable[..., Any], spec: Spec) -> None:
    path = spec(**STEEP, on_divergence={"lr_factor": 1e-20, "attempts": 1})
    shown = screen("train", path)
    shown.read()
    assert shown.process.wait() == 0
    assert "diverged: the output of dense_" in shown.text
    assert "completed after 4 epochs" in shown.text
