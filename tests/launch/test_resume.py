"""Runs are found again by their spec, whether that is a file or a mapping."""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import dlrun
from dlrun.errors import DivergedError, InputError
from dlrun.launch.finished import Finished
from dlrun.launch.resume import resume_latest, resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.run_directory.directory import RunDirectory
from dlrun.training.events import StepEnded
from dlrun.training.stop import Stop

Spec = Callable[..., Path]


@pytest.fixture
def mapping(spec: Spec) -> dict[str, Any]:
    checkpoint = {"every": {"steps": 1}, "share": 1.0}
    content: dict[str, Any] = json.loads(spec(checkpoint=checkpoint).read_text())
    return content


def interrupted(spec: Path | dict[str, Any], runs: Path) -> RunDirectory:
    """A run that was stopped after four steps."""
    stop = Stop()
    with start(spec, runs=runs, stop=stop) as training:
        for event in training.events():
            if isinstance(event, StepEnded) and event.step == 4:
                break
    return training.directory


def test_a_finished_run_of_the_same_mapping_is_returned(
    mapping: dict[str, Any], tmp_path: Path
) -> None:
    first = dlrun.train(mapping, runs=tmp_path, resume=True)
    written = first.path.joinpath("result.json").stat().st_mtime_ns
    again = dlrun.train(copy.deepcopy(mapping), runs=tmp_path, resume=True)
    assert again.path == first.path
    assert again.path.joinpath("result.json").stat().st_mtime_ns == written


def test_a_copy_is_as_old_as_its_original(mapping: dict[str, Any], tmp_path: Path) -> None:
    first = dlrun.train(mapping, runs=tmp_path).path
    written = json.loads((first / "environment.json").read_text())
    written["time"] = "2026-01-31T14:23:59Z"
    (first / "environment.json").write_text(json.dumps(written))
    first = first.rename(first.with_name("20260131-142358-k3f9qz"))
    for name in ("old-good", "1"):
        shutil.copytree(first, first.with_name(name))
    assert dlrun.train(mapping, runs=tmp_path, resume=True).path == first
    second = interrupted(mapping, tmp_path)
    assert resume_latest(mapping, runs=tmp_path).directory.path == second.path


def test_a_changed_mapping_starts_a_new_run(mapping: dict[str, Any], tmp_path: Path) -> None:
    first = dlrun.train(mapping, runs=tmp_path, resume=True)
    mapping["model"][0]["dense"] = 9
    other = dlrun.train(mapping, runs=tmp_path, resume=True)
    assert other.path != first.path
    assert other.metrics["train.loss"] != first.metrics["train.loss"]
    with pytest.raises(InputError, match=r"no run of it in .* to resume"):
        resume_latest({**mapping, "seed": 99}, runs=tmp_path)


@pytest.mark.parametrize("in_file", [False, True])
def test_an_interrupted_run_is_resumed_bit_by_bit(
    mapping: dict[str, Any], spec: Spec, tmp_path: Path, in_file: bool
) -> None:
    given = spec(checkpoint=mapping["checkpoint"]) if in_file else mapping
    whole = dlrun.train(given, runs=tmp_path / "whole")
    run = interrupted(given, tmp_path / "parts")
    training = resume_latest(given, runs=tmp_path / "parts")
    assert isinstance(training, Training)
    with training:
        training.run()
    assert training.directory.path == run.path
    assert run.metrics()["train.loss"] == whole.metrics["train.loss"]
    for name in ("best", "last"):
        file = Path("checkpoints") / f"{name}.safetensors"
        assert (run.path / file).read_bytes() == (whole.path / file).read_bytes()


def test_more_epochs_are_an_override(mapping: dict[str, Any], tmp_path: Path) -> None:
    first = dlrun.train(mapping, runs=tmp_path, resume=True)
    longer = dlrun.train(mapping, {"epochs": 5}, runs=tmp_path, resume=True)
    assert longer.path == first.path
    assert longer.result["epochs"] == 5
    finished = resume_run(first.path, ["epochs=5"])
    assert isinstance(finished, Finished)


def test_a_change_is_named_and_can_be_allowed(mapping: dict[str, Any], tmp_path: Path) -> None:
    run = interrupted(mapping, tmp_path)
    changed = ["optimizer.adam.lr=0.1"]
    with pytest.raises(InputError) as caught:
        resume_run(run.path, changed)
    assert str(caught.value) == (
        f"{run.path}: cannot resume: optimizer.adam.lr was 0.01, now 0.1; restore that, start "
        "a new run (without --resume), or use --allow-changes to resume anyway"
    )
    training = resume_run(run.path, changed, allow_changes=True)
    assert isinstance(training, Training)
    with training:
        assert training.run().status == "completed"
    assert "lr: 0.1" in run.resolved_file.read_text()


def test_a_diverged_run_is_not_resumed(mapping: dict[str, Any], tmp_path: Path) -> None:
    mapping["optimizer"] = {"sgd": 1e38}
    for _ in range(2):
        with pytest.raises(DivergedError):
            dlrun.train(mapping, runs=tmp_path, resume=True)
    assert len(list((tmp_path / "small").iterdir())) == 1


def test_a_locked_run_stays_as_it_is(mapping: dict[str, Any], tmp_path: Path) -> None:
    run = interrupted(mapping, tmp_path)
    before = run.resolved_file.read_bytes(), (run.path / "environment.json").read_bytes()
    with pytest.raises(InputError):
        resume_run(run.path, ["seed=4"])
    assert before == (run.resolved_file.read_bytes(), (run.path / "environment.json").read_bytes())
